# Recipes for https://just.systems. `.ci/run` runs the same commands without it; a test compares the two.

# What there is.
default:
    @just --list

# The program, for development.
build:
    cargo build --locked

# Every test, with few draws of those that draw their input.
test:
    cargo test --locked

# Every test, with all draws.
test-all:
    COS_PRESIGN_TEST_DRAWS=all cargo test --locked

# Writes the output of the current program into the golden cases and the examples of the README.
golden:
    TRYCMD=overwrite GOLDEN=overwrite cargo test --locked --test suite golden::
    TRYCMD=overwrite cargo test --locked --test suite readme::

# Format and lints, of the library alone too.
lint:
    cargo fmt --all --check
    cargo clippy --locked --all-targets -- -D warnings
    cargo clippy --locked --no-default-features --lib -- -D warnings

# The documentation, with its links checked.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet

# One fuzz target, for a minute: `just fuzz url`.
fuzz target seconds="60":
    cargo +nightly fuzz run {{target}} fuzz/corpus/{{target}} -- -max_total_time={{seconds}} -rss_limit_mb=2048 -timeout=10

# How fast signing, bulk, searching and one URL are.
bench:
    cargo bench --locked

# Other signers and stores, for URLs made by each other.
interop: build
    tests/interop/run.sh --binary target/debug/cos-presign

# The upload page in a browser.
browser: build
    tests/browser/run.sh --binary target/debug/cos-presign

# What real stores respond. Some are installed, some built from source.
matrix *args: build
    python3 tests/matrix/matrix.py --binary target/debug/cos-presign {{args}}
    python3 tests/matrix/presigned_cases.py --binary target/debug/cos-presign

# Everything that has to hold before a change lands.
ci:
    .ci/run
