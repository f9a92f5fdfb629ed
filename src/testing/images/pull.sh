# What `hearth bench pull` pulls. pull: Debian's minbase, a compiler, git, Python, and the static
# server on top: 5 layers. pull-sibling: the same but for the top. pull-alone: such a top without what is
# below it. pull-other: nothing in common with pull, to warm up with. The tops differ from image to image.
# The packages are unpacked, not configured: nothing of them is run.
# shellcheck shell=bash disable=SC2034,SC2154
. "$images/debian.sh"

# pull_packages RESULT WORK PACKAGE...: RESULT/layer becomes the packed layer of these packages and of what
# they need beyond the base.
pull_packages() {
    local result=$1 work=$2 package
    shift 2
    mkdir -p "$work/archives/partial" "$work/tree/usr"/{bin,sbin,lib,lib64} "$result"
    for package in bin sbin lib lib64; do # as the base has them, else a package's /lib would hide the base's
        ln -s "usr/$package" "$work/tree/$package"
    done
    chmod 0755 "$work/tree" "$work/tree/usr"/*
    debian_download "$work" "$@"
    for package in "$work"/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar --extract --keep-directory-symlink --preserve-permissions \
            --same-owner --numeric-owner --directory "$work/tree"
    done
    mkdir -p "$work/tree/var"/{log,cache}
    debian_slim "$work/tree"
    oci_pack "$work/tree" "$result/layer"
}

# pull_layer PACKAGE...: adds the layer of these packages, made once for all images.
pull_layer() {
    local entry
    entry=pull-layer-$1-$(hash_of pull.sh debian.sh oci.sh)
    pull_wanted=("$@")
    cached "$entry" pull_make_layer
    oci_packed_layer "$cache/$entry/layer" "packages $*"
}

pull_make_layer() {
    pull_packages "$1" "$2" "${pull_wanted[@]}"
}

build_image() {
    local layout=$1 work=$2 base
    ((EUID == 0)) || fail "only root can build a Debian image; hello-c needs no root"
    need gcc gcc libc6-dev
    base=$(debian_base)
    oci_open "$layout"
    case $name in
    pull | pull-sibling)
        oci_packed_layer "$base/layer" "debootstrap --variant=minbase"
        pull_layer g++
        pull_layer git
        pull_layer python3
        ;;
    pull-other) pull_layer nodejs ;;
    pull-alone) ;;
    esac
    mkdir -p "$work/top"/{opt/hello,etc,proc,sys,dev,tmp}
    chmod -R 0755 "$work/top"
    chmod 1777 "$work/top/tmp"
    gcc -std=c17 -O2 -static -s -Wall -Wextra -Werror -o "$work/top/opt/hello/hello" "$images"/hello-c/*.c
    printf '%s\n' "$name" >"$work/top/opt/hello/image"
    oci_layer "$work/top" "COPY hello /opt/hello/"
    oci_entrypoint=(/opt/hello/hello)
    oci_close
}
