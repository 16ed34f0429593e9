//! Lets programs built with the feature `rust-bert` find libtorch at run time: an rpath to the folder that
//! `LIBTORCH` names, without `RUSTFLAGS`, which would rebuild every dependency.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for name in ["LIBTORCH", "LIBTORCH_LIB", "LIBTORCH_USE_PYTORCH"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let wanted = variable("CARGO_FEATURE_RUST_BERT").is_some();
    // A Python environment's libtorch is found by torch-sys, and at run time by whoever chose it.
    if !wanted || variable("LIBTORCH_USE_PYTORCH").is_some() {
        return;
    }
    // The two variables that torch-sys links by, in its order.
    let Some(folder) = variable("LIBTORCH_LIB").or_else(|| variable("LIBTORCH")) else {
        return;
    };
    let lib = folder.join("lib");
    if holds_libtorch(&lib) {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{}", lib.display());
    } else {
        println!(
            "cargo::error=there is no libtorch in {}. Run scripts/libtorch, or point LIBTORCH at a libtorch 2.4.0",
            lib.display()
        );
    }
}

fn holds_libtorch(lib: &Path) -> bool {
    ["libtorch_cpu.so", "libtorch_cpu.dylib", "torch_cpu.dll"]
        .iter()
        .any(|name| lib.join(name).exists())
}
