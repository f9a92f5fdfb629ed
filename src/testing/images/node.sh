# node: one JavaScript file on Debian's nodejs.
# shellcheck shell=bash disable=SC2034,SC2154
. "$images/debian.sh"

build_image() {
    local layout=$1 work=$2
    debian_image "$layout" "$work" nodejs

    install -D -m 0644 "$images/node/server.js" "$work/application/app/server.js"
    oci_layer "$work/application" "COPY server.js /app/"
    oci_user=10001:10001 # by number, as many images do it; flask and jvm go by name
    oci_entrypoint=(node)
    oci_command=(server.js)
    oci_close
}
