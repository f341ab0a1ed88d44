"""python -m simulator is cmcsim."""

from simulator.cli import main

if __name__ == "__main__":
    main(prog_name="cmcsim")
