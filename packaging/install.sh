#!/bin/sh
# Of the tarball: puts cmcdesk into the menu of this user, from where it lies now. `install.sh --remove` takes it out.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$data/applications/cmcdesk.desktop
icon=$data/icons/hicolor/scalable/apps/cmcdesk.svg
program=$HOME/.local/bin/cmcdesk
if [ "${1:-}" = --remove ]; then
    rm -f "$entry" "$icon" "$program"
    echo "removed from the menu; the folder $here and the mails in $data/cmcdesk stay"
    exit 0
fi
[ $# -eq 0 ] || { echo "usage: install.sh [--remove]" >&2; exit 2; }
mkdir -p "$(dirname "$entry")" "$(dirname "$icon")" "$(dirname "$program")"
cp "$here/icon.svg" "$icon"
ln -sf "$here/cmcdesk" "$program"
# a path with a space or a sign stands in quotes (Desktop Entry Specification, "The Exec key")
sed "s|^Exec=.*|Exec=\"$here/cmcdesk\"|" "$here/cmcdesk.desktop" > "$entry"
echo "cmcdesk is in the menu, and as $program"
