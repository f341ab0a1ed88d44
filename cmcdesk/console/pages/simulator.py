"""シミュレータ: traffic from the page, which starts and stops the simulator as the separate program it is."""

from flask import Blueprint, render_template

from cmcdesk.console.reading import list_views

simulator = Blueprint("simulator", __name__)


@simulator.get("/simulator")
def show_panel() -> str:
    """The panel."""
    return render_template("simulator/panel.html", views=list_views())
