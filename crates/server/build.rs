//! The pages are within the program: it is built anew when they are.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
