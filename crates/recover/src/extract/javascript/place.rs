//! Where a file stands: files it names, and whether it runs in a browser.

use super::module::Js;
use crate::source::{Source, join};

/// Endings of scripts.
const ENDS: &[&str] = &[".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".mts", ".cts"];

/// Folders whose scripts are sent to browsers.
const SERVED: &[&str] = &["public", "static", "wwwroot", "assets", "webapp", "views", "www", "htdocs"];

/// Packages that only work in a browser.
const BROWSER: &[&str] = &[
    "react-dom",
    "react-dom/client",
    "react-router-dom",
    "react-redux",
    "vue",
    "vue-router",
    "vuex",
    "pinia",
    "jquery",
    "svelte",
    "@angular/core",
    "@angular/common/http",
    "react-native",
    "solid-js",
    "preact",
    "@reduxjs/toolkit",
    "@mui/material",
    "@chakra-ui/react",
    "redux-saga",
    "redux-saga/effects",
    "antd",
    "bootstrap",
];

/// The file a module path names, relative to the repository and without its ending.
pub(super) fn resolve(source: &Source<'_>, module: &str) -> Option<String> {
    let module = ENDS.iter().find_map(|e| module.strip_suffix(e)).unwrap_or(module);
    if module.starts_with('.') {
        return source.relative(module);
    }
    let inside = ["@/", "~/", "#/", "src/"].iter().find_map(|p| module.strip_prefix(p))?;
    // The alias stands for the source folder of one of the folders around.
    let mut folder = source.folder();
    loop {
        for base in ["src/", ""] {
            let path = join(folder, &format!("{base}{inside}"))?;
            let is_there =
                source.tree.has_folder(&path) || ENDS.iter().any(|e| source.tree.has(&format!("{path}{e}")));
            if is_there {
                return Some(path);
            }
        }
        folder = match folder.rsplit_once('/') {
            Some((parent, _)) => parent,
            None if folder.is_empty() => return None,
            None => "",
        };
    }
}

/// Whether a file runs in a browser.
pub(super) fn in_browser(source: &Source<'_>, js: &Js<'_>) -> bool {
    if source.path.split('/').rev().skip(1).any(|p| SERVED.contains(&p))
        && !js.packages().any(|p| p == "express")
    {
        return true;
    }
    let mut react = false;
    for package in js.packages() {
        if BROWSER.contains(&package) {
            return true;
        }
        react |= matches!(package, "react" | "next/link" | "next/router");
    }
    let server = source.text.contains("'use server'") || source.text.contains("\"use server\"");
    let page = ["document.", "window.", "localStorage", "navigator.", "$(", "angular.module"]
        .iter()
        .any(|w| source.text.contains(w));
    let modules = js.packages().next().is_some();
    !server
        && (source.text.contains("use client")
            || react && page
            || page && !modules && !source.text.contains("process.env"))
        || (source.path.ends_with(".jsx") || source.path.ends_with(".tsx")) && react && !server
}
