# Sourced: builds products.

# build_products CONFIGURATION PRODUCT… — builds and says what went wrong; 1 where something did. Release builds hold
# Swift's own libraries: they start sooner, run faster and need no Swift where they are copied to.
build_products() {
    local configuration=$1 log product options=()
    shift
    [ "$configuration" != release ] || options=(--static-swift-stdlib)
    echo "building ($configuration); the first time takes some minutes" >&2
    log=$(mktemp "${TMPDIR:-/tmp}/sojourn-build.XXXXXX")
    for product in "$@"; do
        if ! swift build -c "$configuration" "${options[@]}" --product "$product" >"$log" 2>&1; then
            grep -E 'error:' "$log" | sort -u | head -20 >&2
            tail -5 "$log" >&2
            rm -f "$log"
            echo "the build failed" >&2
            return 1
        fi
    done
    rm -f "$log"
}
