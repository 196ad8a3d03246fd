#!/bin/sh
# Draws the demo's sample clip out of Kinora's own world: a red circle that moves to the right for four seconds.
#   tools/samples/make_red_circle.sh service/src/main/resources/samples/red-circle.mp4
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(dirname "$0")/../../kinora" shapes "$folder" --clips 1 --colour red --shape circle --motion right --seed 16
cp "$folder/clip-01.mp4" "$1"
