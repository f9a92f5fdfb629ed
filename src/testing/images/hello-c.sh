# hello-c: a static server and nothing else, so that a cold start measures the platform and not the program.
# shellcheck shell=bash disable=SC2034,SC2154

build_image() {
    local layout=$1 root=$2/root
    need gcc gcc libc6-dev
    [[ -f $(gcc -print-file-name=libc.a) ]] || fail "gcc finds no libc.a: apt-get install libc6-dev"

    mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp}
    chmod 0755 "$root" "$root"/*
    chmod 1777 "$root/tmp"
    gcc -std=c17 -O2 -static -s -Wall -Wextra -Werror -o "$root/bin/hello" "$images"/hello-c/*.c
    chmod 0755 "$root/bin/hello"
    printf 'root:x:0:0:root:/:/bin/false\napp:x:10001:10001:app:/tmp:/bin/false\n' >"$root/etc/passwd"
    printf 'root:x:0:\napp:x:10001:\n' >"$root/etc/group"
    chmod 0644 "$root/etc/passwd" "$root/etc/group"
    (($(stat -c %s "$root/bin/hello") < 1000000)) || fail "hello-c grew past 1 MB: $(stat -c %s "$root/bin/hello") bytes"

    oci_open "$layout"
    oci_tar_options=(--owner=0 --group=0) # built without root it must come out the same
    oci_layer "$root" "a static HTTP server"
    oci_env=(PATH=/bin)
    oci_entrypoint=(/bin/hello)
    oci_close
    cp "$root/bin/hello" "$layout/hello" # to run without a container
}
