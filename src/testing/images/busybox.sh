# busybox: a shell behind HTTP, for tests that have to try things from inside a container.
# shellcheck shell=bash disable=SC2034,SC2154

build_image() {
    local layout=$1 root=$2/root
    need busybox busybox-static

    mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp,www/cgi-bin}
    install -m 0755 "$(command -v busybox)" "$root/bin/busybox"
    "$root/bin/busybox" --list | while read -r name; do
        [[ $name == busybox ]] || ln -s busybox "$root/bin/$name"
    done
    printf '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n"\nsh 2>&1\n' >"$root/www/cgi-bin/run"
    printf 'root:x:0:0:root:/:/bin/sh\n' >"$root/etc/passwd"
    chmod 0755 "$root" "$root"/{bin,dev,etc,proc,sys,www,www/cgi-bin,www/cgi-bin/run}
    chmod 1777 "$root/tmp"
    chmod 0644 "$root/etc/passwd"

    oci_open "$layout"
    oci_tar_options=(--owner=0 --group=0) # built without root it must come out the same
    oci_layer "$root" "busybox"
    oci_env=(PATH=/bin)
    oci_entrypoint=(/bin/sh -c 'exec httpd -f -p "$PORT" -h /www')
    oci_close
}
