//! Symbols of Python are found when it loads the module; macOS's linker must be told so.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
