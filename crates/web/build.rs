//! Tells cargo that the page's bundle is part of the crate. It builds nothing: `./x page` does.

fn main() {
    println!("cargo::rerun-if-changed=ui/dist");
}
