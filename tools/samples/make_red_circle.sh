#!/bin/sh
# Draws the demo's sample clip: a red circle that moves to the right for four seconds. Needs the ffmpeg command line with libx264.
#   tools/samples/make_red_circle.sh service/src/main/resources/samples/red-circle.mp4
set -eu
inside='lt(hypot(X-40-60*T,Y-120),34)'
ffmpeg -v error -y -f lavfi -i "color=c=0x303848:s=320x240:r=24:d=4" \
    -vf "geq=r='if($inside,220,48)':g='if($inside,40,56)':b='if($inside,40,72)'" \
    -c:v libx264 -pix_fmt yuv420p -movflags +faststart "$1"
