//! The report: one HTML file that needs no network, made of the page's own bundle and the views of a run.

use std::fmt;
use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::page;

/// Why there is no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoReport {
    /// The program was built without the page.
    NoBundle,
    /// The bundle is not laid out as one script and one style sheet.
    UnknownBundle,
}

impl fmt::Display for NoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoReport::NoBundle => {
                write!(
                    f,
                    "this program was built without its page: run `./x page` with Node 20 or later, then build again"
                )
            }
            NoReport::UnknownBundle => {
                write!(f, "the page's bundle is not one script and one style sheet: build it again with `./x page`")
            }
        }
    }
}

/// JSON texts of what the report shows: the run, the run without measures, the figures of the model, and what a plan and a bargain found.
pub struct Contents<'a> {
    pub main: &'a [u8],
    pub ghost: &'a [u8],
    pub data: &'a [u8],
    pub plan: Option<&'a [u8]>,
    pub bargain: Option<&'a [u8]>,
}

/// The report as HTML.
pub fn report(contents: &Contents) -> Result<Vec<u8>, NoReport> {
    if !page::is_there() {
        return Err(NoReport::NoBundle);
    }
    let asset = |name: &str| page::asset(name).map(|(bytes, _)| String::from_utf8_lossy(&bytes).into_owned());
    compose(&String::from_utf8_lossy(&page::index()), &asset, contents).ok_or(NoReport::UnknownBundle)
}

fn compose(index: &str, asset: &dyn Fn(&str) -> Option<String>, contents: &Contents) -> Option<Vec<u8>> {
    let (index, script) = cut(index, "<script type=\"module\"", "</script>")?;
    let (index, style) = cut(&index, "<link rel=\"stylesheet\"", ">")?;
    let script = asset(named(&script, "src=\"")?)?;
    let style = asset(named(&style, "href=\"")?)?;
    let end = index.rfind("</body>")?;
    let head = index.find("</head>").filter(|head| *head < end)?;
    let optional =
        |key, text: Option<&[u8]>| text.map_or(String::new(), |text| format!(r#","{key}":"{}""#, packed(text)));
    let found = optional("plan", contents.plan) + &optional("bargain", contents.bargain);
    let data = format!(
        r#"{{"encoding":"deflate-base64","views":{{"main":"{}","ghost":"{}"}},"data":"{}"{found}}}"#,
        packed(contents.main),
        packed(contents.ghost),
        packed(contents.data)
    );
    let page = [
        &index[..head],
        "<style>",
        &style.replace("</style", "<\\/style"),
        "</style>",
        &index[head..end],
        "<script type=\"application/json\" id=\"report\">",
        &data,
        "</script><script type=\"module\">",
        // Neither may stand in a script as it is; in the strings and patterns where they can, both mean the same.
        &script.replace("</script", "<\\/script").replace("<!--", "<\\!--"),
        "</script>",
        &index[end..],
    ];
    Some(page.concat().into_bytes())
}

/// A text without its first part from `begin` to `end`, and that part.
fn cut(text: &str, begin: &str, end: &str) -> Option<(String, String)> {
    let from = text.find(begin)?;
    let until = from + text[from..].find(end)? + end.len();
    Some((format!("{}{}", &text[..from], &text[until..]), text[from..until].to_string()))
}

/// The last part of the address in an attribute.
fn named<'t>(tag: &'t str, attribute: &str) -> Option<&'t str> {
    let rest = &tag[tag.find(attribute)? + attribute.len()..];
    rest[..rest.find('"')?].rsplit('/').next()
}

fn packed(text: &[u8]) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let bytes = encoder.write_all(text).and_then(|()| encoder.finish());
    BASE64_STANDARD.encode(bytes.expect("memory can be written to"))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    const INDEX: &str = "<!doctype html><html><head><title>x</title>\
        <script type=\"module\" crossorigin src=\"./assets/index-a1.js\"></script>\
        <link rel=\"stylesheet\" crossorigin href=\"./assets/index-b2.css\"></head>\
        <body><div id=\"app\"></div></body></html>";

    #[test]
    fn everything_stands_in_one_file() {
        let asset = |name: &str| match name {
            "index-a1.js" => Some("const end = '</script>', comment = '<!-- x'".to_string()),
            "index-b2.css" => Some("h1{color:red}".to_string()),
            _ => None,
        };
        let (plan, bargain) = (Some(&b"{\"format\":1}"[..]), Some(&b"{\"format\":2}"[..]));
        let contents = Contents { main: b"{\"a\":\"<script>\"}", ghost: b"{}", data: b"[]", plan, bargain };
        let html = String::from_utf8(compose(INDEX, &asset, &contents).unwrap()).unwrap();
        assert!(!html.contains("./assets"), "{html}");
        assert_eq!(html.matches("</script").count(), 2, "{html}");
        assert!(html.contains("<style>h1{color:red}</style></head>") && html.contains("'<\\/script>'"), "{html}");
        assert!(!html.contains("<!--"), "{html}");
        let text_of = |key: &str| {
            let packed = html.split(&format!("\"{key}\":\"")).nth(1).unwrap().split('"').next().unwrap();
            let mut text = String::new();
            let bytes = BASE64_STANDARD.decode(packed).unwrap();
            flate2::read::ZlibDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
            text.into_bytes()
        };
        assert_eq!(text_of("main"), contents.main);
        assert_eq!(Some(&text_of("plan")[..]), contents.plan);
        assert_eq!(Some(&text_of("bargain")[..]), contents.bargain);
        let without = compose(INDEX, &asset, &Contents { plan: None, bargain: None, ..contents }).unwrap();
        let without = String::from_utf8(without).unwrap();
        assert!(!without.contains("\"plan\"") && !without.contains("\"bargain\""), "{without}");
    }

    #[test]
    fn another_bundle_is_refused() {
        let contents = Contents { main: b"", ghost: b"", data: b"", plan: None, bargain: None };
        assert_eq!(compose("<html><body></body></html>", &|_| None, &contents), None);
        assert_eq!(compose(INDEX, &|_| None, &contents), None);
    }
}
