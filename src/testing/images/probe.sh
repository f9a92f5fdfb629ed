# probe: an attacker, for the tests that try to break out of a container.
# shellcheck shell=bash disable=SC2034,SC2154

build_image() {
    local layout=$1 root=$2/root
    need gcc gcc libc6-dev
    [[ -f $(gcc -print-file-name=libc.a) ]] || fail "gcc finds no libc.a: apt-get install libc6-dev"

    # no /tmp and no /proc: the platform brings what the contract promises
    mkdir -p "$root"/{bin,srv}
    chmod 0755 "$root" "$root"/*
    gcc -std=c17 -O2 -static -s -Wall -Wextra -Werror -o "$root/bin/probe" "$images"/probe/*.c
    chmod 0755 "$root/bin/probe"

    oci_open "$layout"
    oci_tar_options=(--owner=0 --group=0) # built without root it must come out the same
    oci_layer "$root" "an attacker"
    oci_env=(PATH=/bin)
    oci_directory=/srv
    oci_entrypoint=(/bin/probe)
    oci_close
    cp "$root/bin/probe" "$layout/probe" # to run without a container
}
