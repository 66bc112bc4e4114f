#!/bin/sh
# Makes the segments in src/smarty_sample_video/media: a loop of 60 seconds in three hues, ten pieces of 6 s each.
# The seconds written in the picture are those of the minute, so that a picture of 12:34:27 shows 27.
# Needs ffmpeg with libx264. Run it only to change the picture; the result is kept in the repository.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
font=${FONT:-/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf}
media=$here/src/smarty_sample_video/media

make_variant() {  # name, rotation of hue in degrees, tone in Hz
    folder=$media/$1
    mkdir -p "$folder"
    rm -f "$folder"/*.ts
    ffmpeg -v error -y \
        -f lavfi -i "smptebars=size=320x180:rate=12.5:duration=60" \
        -f lavfi -i "aevalsrc='0.12*sin(2*PI*$3*t)*lt(mod(t,1),0.08)':sample_rate=22050:duration=60" \
        -filter_complex "[0:v]hue=h=$2,
            drawbox=x=76:y=46:w=168:h=76:color=black@0.8:t=fill,
            drawtext=fontfile=$font:fontsize=64:fontcolor=white:x=(w-text_w)/2:y=58:text='%{eif\:mod(t\,60)\:d\:2}',
            drawbox=x=10:y=160:w=300:h=10:color=black@0.8:t=fill,
            drawtext=fontfile=$font:fontsize=20:fontcolor=white:y=155:x='10+288*mod(t\,60)/60':text='|'[v]" \
        -map "[v]" -map 1:a \
        -c:v libx264 -profile:v baseline -level 3.0 -pix_fmt yuv420p -preset veryslow -crf 34 -tune stillimage \
        -x264-params "keyint=75:min-keyint=75:scenecut=0" \
        -c:a aac -b:a 24k -ac 1 \
        -f hls -hls_time 6 -hls_list_size 0 -hls_flags independent_segments \
        -hls_segment_filename "$folder/%d.ts" "$folder/list.m3u8"
    cat "$folder/list.m3u8"
    rm "$folder/list.m3u8"
}

make_variant bars 0 880
make_variant dusk 120 660
make_variant dawn 240 990
du -sb "$media"
