//! The reference model is part of the program: a file added to its folder makes a new program.

fn main() {
    println!("cargo::rerun-if-changed=../../models/magnets");
}
