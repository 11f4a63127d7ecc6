# Recipes for https://just.systems. `.ci/run` runs the same commands without it; a test compares the two.

# Lists the recipes.
default:
    @just --list

# Development build.
build:
    cargo build --locked

# All tests, with few draws of random inputs.
test:
    cargo test --locked

# All tests, with every broken URL once and large inputs.
test-ci:
    COS_PRESIGN_TEST_DRAWS=ci cargo test --locked

# All tests, with all draws of random inputs.
test-all:
    COS_PRESIGN_TEST_DRAWS=all cargo test --locked

# Writes the output of the current program into the golden cases and the examples of the README.
golden:
    TRYCMD=overwrite GOLDEN=overwrite cargo test --locked --test suite golden::
    TRYCMD=overwrite cargo test --locked --test suite readme::

# Format and lints, also of the library alone.
lint:
    cargo fmt --all --check
    cargo clippy --locked --all-targets -- -D warnings
    cargo clippy --locked --no-default-features --lib -- -D warnings

# Documentation of the library with link check, as docs.rs makes it.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet --no-default-features --features diagnosis

# One fuzz target, for a minute: `just fuzz url`.
fuzz target seconds="60":
    cargo +nightly fuzz run {{target}} fuzz/corpus/{{target}} -- -max_total_time={{seconds}} -rss_limit_mb=2048 -timeout=10

# Benchmarks: signing, bulk, search, one URL.
bench:
    cargo bench --locked

# Interoperability with other signers and stores.
interop: build
    tests/interop/run.sh --binary target/debug/cos-presign

# The upload page in a browser.
browser: build
    tests/browser/run.sh --binary target/debug/cos-presign
    tests/browser/inspector.sh --binary target/debug/cos-presign

# The page that decodes and diagnoses URLs locally: target/inspector.html.
inspector:
    examples/inspector/build.sh

# Other machines, under emulators. Needs root, and an hour.
portability: build
    tests/portability/run.sh --binary target/debug/cos-presign

# Responses of real stores. Some are installed, some built from source.
matrix *args: build
    python3 tests/matrix/matrix.py --binary target/debug/cos-presign {{args}}
    python3 tests/matrix/presigned_cases.py --binary target/debug/cos-presign

# Everything that must pass before a merge.
ci:
    .ci/run
