#!/usr/bin/env bash
# Makes the sound fixtures of video-io's tests: one tone in many codecs and containers.
# Usage: tools/video-io/make_sounds.sh video-io/src/test/resources/io/kinora/video/sounds
set -euo pipefail
out=$1
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 0.3 s of stereo at 16 kHz, 16 bits: 440 Hz at half of full scale on the left, 1000 Hz at a quarter on the right.
python3 - "$work/tone.raw" "$work/frames.rgb" <<'PY'
import math, struct, sys
with open(sys.argv[1], "wb") as file:
    for i in range(4800):
        left = round(16384 * math.sin(2 * math.pi * 440 * i / 16000))
        right = round(8192 * math.sin(2 * math.pi * 1000 * i / 16000))
        file.write(struct.pack("<hh", left, right))
with open(sys.argv[2], "wb") as file:
    file.write(bytes(32 * 32 * 3 * 8))
PY
common="-nostdin -v error -y -fflags +bitexact"
same="-flags +bitexact -map_metadata -1"
sound="-f s16le -ar 16000 -ac 2 -i $work/tone.raw"
picture="-f rawvideo -pixel_format rgb24 -video_size 32x32 -framerate 24 -i $work/frames.rgb"

make() { # name, then options
  local name=$1
  shift
  # shellcheck disable=SC2086
  ffmpeg $common $sound "$@" $same "$out/$name"
}

make s16.wav -c:a pcm_s16le
make u8.wav -c:a pcm_u8
make s24.wav -c:a pcm_s24le
make f32.wav -c:a pcm_f32le
make s16be.aiff -c:a pcm_s16be
make flac16.flac -c:a flac
make alac.m4a -c:a alac
make mp3.mp3 -c:a libmp3lame -b:a 64k
make aac.aac -c:a aac -b:a 64k
make vorbis.ogg -c:a libvorbis -b:a 64k
make opus.webm -ar 48000 -c:a libopus -b:a 64k
make ac3.ts -ar 48000 -c:a ac3 -b:a 96k
# shellcheck disable=SC2086
ffmpeg $common $sound $picture -c:v libx264 -threads 1 -pix_fmt yuv420p -c:a aac -b:a 64k $same "$out/clip-aac.mp4"
# The second sound track is the default one: the tone; the first is silence.
# shellcheck disable=SC2086
ffmpeg $common -f lavfi -t 0.3 -i anullsrc=r=8000:cl=mono $sound $picture -map 0 -map 1 -map 2 -c:v libx264 -threads 1 -pix_fmt yuv420p \
  -c:a flac -disposition:a:0 0 -disposition:a:1 default $same "$out/clip-two-tracks.mkv"
# 12 hours of silence.
# shellcheck disable=SC2086
ffmpeg $common -f lavfi -t 43200 -i anullsrc=r=1000:cl=mono -c:a flac -compression_level 0 -frame_size 65535 $same "$out/silence-12h.flac"
