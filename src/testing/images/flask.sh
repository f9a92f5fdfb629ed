# flask: the classic first container, and a slow starter: an interpreter with many small files.
# shellcheck shell=bash disable=SC2034,SC2154
. "$images/debian.sh"

build_image() {
    local layout=$1 work=$2
    # Layers carry no times, so byte code that is checked against its source's time would be compiled at every start.
    debian_afterwards=(sh -c 'python3 -m compileall -q -f --invalidation-mode unchecked-hash /usr/lib/python3*')
    debian_image "$layout" "$work" python3 python3-flask

    install -D -m 0644 "$images/flask/app.py" "$work/application/app/app.py"
    oci_layer "$work/application" "COPY app.py /app/"
    oci_entrypoint=(python3 app.py)
    oci_env+=(PYTHONUNBUFFERED=1)
    oci_close
}
