#!/bin/sh
# Makes sure the system has what Ringfence needs, and that `uv` stands in .venv-tools.
# Installs only on Debian and Ubuntu, only as root; elsewhere it names what is missing and how to
# get it, and ends with 1. Repeatable; says nothing when nothing is missing.
set -eu

usage() {
    echo "usage: packaging/bootstrap.sh [build|run|test]" >&2
    echo "  build  what compiling the libvirt binding takes" >&2
    echo "  run    build, and what the window takes" >&2
    echo "  test   run, and what the lab of real hypervisors takes" >&2
    exit 2
}

here=$(cd "$(dirname "$0")" && pwd)
tools=$(dirname "$here")/.venv-tools
case ${1:-run} in
    build) profiles="build" ;;
    run) profiles="build run" ;;
    test) profiles="build run test" ;;
    *) usage ;;
esac

say() { echo "bootstrap: $*"; }

family() {
    if command -v apt-get >/dev/null; then echo apt
    elif command -v dnf >/dev/null; then echo dnf
    elif command -v zypper >/dev/null; then echo zypper
    elif command -v pacman >/dev/null; then echo pacman
    else echo unknown
    fi
}

# The lists have one package a line, "a|b" for either, and comments.
wanted() {
    for profile in $profiles; do
        sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/system/$1-$profile.list"
    done
}

present_apt() { dpkg-query -W -f='${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p'; }
present_rpm() {
    for name in $(wanted "$1" | tr '|' '\n'); do
        if rpm -q --whatprovides "$name" >/dev/null 2>&1; then echo "$name"; fi
    done
}
present_pacman() { pacman -Qq; }

# Prints the first name of each line of which no alternative is present.
missing() {
    case $1 in
        apt) present_apt ;;
        dnf | zypper) present_rpm "$1" ;;
        pacman) present_pacman ;;
    esac | sort -u >"$scratch/present"
    wanted "$1" | while read -r line; do
        for name in $(echo "$line" | tr '|' ' '); do
            if grep -qxF "$name" "$scratch/present"; then continue 2; fi
        done
        echo "$line"
    done
}

install_command() {
    case $1 in
        apt) echo "apt-get install --no-install-recommends" ;;
        dnf) echo "dnf install" ;;
        zypper) echo "zypper install" ;;
        pacman) echo "pacman -S --needed" ;;
    esac
}

report_and_end() {
    names=$(cut -d'|' -f1 "$scratch/missing" | tr '\n' ' ')
    say "missing: $names" >&2
    say "install them with: ${2-}$(install_command "$1") $names" >&2
    exit 1
}

# An alternative is taken only if apt knows it; of "a|b" the first known one.
chosen() {
    while read -r line; do
        for name in $(echo "$line" | tr '|' ' '); do
            if apt-cache show --no-all-versions "$name" >/dev/null 2>&1; then
                echo "$name"
                continue 2
            fi
        done
        say "apt knows none of: $line" >&2
        exit 1
    done <"$scratch/missing"
}

# No daemon is started by an installation of ours; an existing policy stays as it was.
policy=/usr/sbin/policy-rc.d
forbid_starting() {
    if [ -e "$policy" ] || [ -L "$policy" ]; then mv "$policy" "$scratch/policy"; fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    forbidden=yes
}
tidy_up() {
    if [ "${forbidden-}" = yes ]; then
        rm -f "$policy"
        if [ -e "$scratch/policy" ] || [ -L "$scratch/policy" ]; then
            mv "$scratch/policy" "$policy"
        fi
    fi
    rm -rf "$scratch"
}

install_apt() {
    say "updating the package lists"
    apt-get -qq update
    chosen >"$scratch/chosen"
    say "installing: $(tr '\n' ' ' <"$scratch/chosen")"
    forbid_starting
    # shellcheck disable=SC2046 # one word a package
    DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -qq install -y \
        --no-install-recommends $(cat "$scratch/chosen") </dev/null >"$scratch/apt.log" 2>&1 || {
        tail -n 30 "$scratch/apt.log" >&2
        say "the installation failed" >&2
        exit 1
    }
}

# The first python3 that can make a virtual environment, pyenv's or the system's.
python_for_tools() {
    for python in python3 /usr/bin/python3 python3.11; do
        if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            command -v "$python"
            return
        fi
    done
    say "no python3 here can make a virtual environment" >&2
    exit 1
}

ensure_uv() {
    if "$tools/bin/uv" --version >/dev/null 2>&1; then return; fi
    python=$(python_for_tools)
    say "putting uv into .venv-tools (with $python)"
    rm -rf "$tools"
    "$python" -m venv "$tools"
    "$tools/bin/python" -m pip install -qq --disable-pip-version-check 'uv>=0.9,<1'
}

scratch=$(mktemp -d)
forbidden=
trap tidy_up EXIT
trap 'exit 130' HUP INT TERM

system=$(family)
if [ "$system" = unknown ]; then
    say "unknown distribution: see packaging/system/ for what is needed" >&2
    exit 1
fi
missing "$system" >"$scratch/missing"
if [ -s "$scratch/missing" ]; then
    if [ "$system" != apt ]; then
        report_and_end "$system" "sudo "
    elif [ "$(id -u)" -ne 0 ]; then
        report_and_end "$system" "sudo "
    fi
    install_apt
fi
ensure_uv
