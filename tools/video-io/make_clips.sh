#!/usr/bin/env bash
# Makes the clips of video-io's tests that the bundled FFmpeg has no encoder for, with an ffmpeg that has libx264 and libx265.
# Usage: tools/video-io/make_clips.sh video-io/src/test/resources/io/kinora/video/clips
set -euo pipefail
out=$1
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 48 frames of 80×60 whose number stands in 4×3 blocks, least significant bit first, white for 1, as NumberedFrames.java paints.
python3 - "$work/frames.rgb" <<'PY'
import sys
frames, width, height = 48, 80, 60
with open(sys.argv[1], "wb") as file:
    for n in range(frames):
        rows = []
        for y in range(height):
            row = bytearray()
            for x in range(width):
                bit = (y * 3 // height) * 4 + x * 4 // width
                row += bytes([235 if n >> bit & 1 else 16] * 3)
            rows.append(bytes(row))
        file.write(b"".join(rows))
PY
raw="-f rawvideo -pixel_format rgb24 -video_size 80x60 -framerate 24 -i $work/frames.rgb"
common="-nostdin -v error -y -fflags +bitexact"
same="-flags:v +bitexact -map_metadata -1"

make() { # name, then options
  local name=$1
  shift
  # shellcheck disable=SC2086
  ffmpeg $common $raw "$@" $same "$out/$name"
}

make h264-b-pyramid.mp4 -pix_fmt yuv420p -c:v libx264 -threads 1 -g 20 -bf 3 -x264-params b-pyramid=normal:scenecut=0
make h264-open-gop.mkv -pix_fmt yuv420p -c:v libx264 -threads 1 -g 12 -bf 3 -x264-params open-gop=1:b-pyramid=normal:scenecut=0
make h264-open-gop.ts -pix_fmt yuv420p -c:v libx264 -threads 1 -g 12 -bf 3 -x264-params open-gop=1:scenecut=0
make h264-intra-refresh.mp4 -pix_fmt yuv420p -c:v libx264 -threads 1 -g 16 -bf 0 -x264-params intra-refresh=1:scenecut=0
make h264-interlaced.mp4 -pix_fmt yuv420p -c:v libx264 -threads 1 -g 12 -bf 2 -flags +ildct+ilme -x264-params tff=1:scenecut=0
make h264-interlaced.ts -pix_fmt yuv420p -c:v libx264 -threads 1 -g 12 -bf 2 -flags +ildct+ilme -x264-params tff=1:scenecut=0
make h264-high10.mp4 -pix_fmt yuv420p10le -c:v libx264 -threads 1 -g 20 -bf 2 -x264-params scenecut=0
make h264-b-frames.avi -pix_fmt yuv420p -c:v libx264 -threads 1 -g 20 -bf 2 -x264-params scenecut=0
make h264.264 -pix_fmt yuv420p -c:v libx264 -threads 1 -g 20 -bf 2 -x264-params scenecut=0
x265="log-level=none:pools=none:frame-threads=1:keyint=16:scenecut=0:info=0"
make hevc.mp4 -pix_fmt yuv420p -c:v libx265 -tag:v hvc1 -x265-params "$x265:open-gop=0:bframes=3"
make hevc-open-gop-10bit.mkv -pix_fmt yuv420p10le -c:v libx265 -x265-params "$x265:open-gop=1:bframes=3:b-pyramid=1"
make hevc-temporal-layers.mp4 -pix_fmt yuv420p -c:v libx265 -x265-params "$x265:open-gop=0:bframes=3:b-pyramid=1:temporal-layers=1"

# Cut from between key frames without decoding: an edit list hides the frames before the cut.
ffmpeg $common -ss 0.5 -i "$out/h264-b-pyramid.mp4" -c copy -map_metadata -1 "$out/h264-edit-list.mp4"

cat >"$out/ORIGIN.md" <<MD
# Where these clips come from

\`tools/video-io/make_clips.sh\` with $(ffmpeg -version | head -1 | cut -d' ' -f1-3), libx264 and libx265 of Debian 12. Each has
48 frames of 80×60 at 24 frames a second, whose number stands in 4×3 blocks, least significant bit first, white for 1.
\`h264-edit-list.mp4\` shows frames 12 to 47 of \`h264-b-pyramid.mp4\`.
MD
