//! What the linker is told.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // Finding and loading libgcc_s takes a tenth of the time in which a link is made. Of it the program needs only the
        // unwinder, which fits in.
        println!("cargo:rustc-link-arg-bins=-static-libgcc");
    }
}
