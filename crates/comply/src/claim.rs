//! What can be claimed of a material or an item, and so what a document can cover.

macro_rules! claims {
    ($($variant:ident = $text:literal, $said:literal;)*) => {
        /// A claim: one of the steps of making a material, or a fact about the item.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Claim {
            $($variant,)*
        }

        impl Claim {
            pub const ALL: &[Claim] = &[$(Claim::$variant),*];
            /// The words of files: columns, `covers`, rules.
            pub const WORDS: &[&str] = &[$($text),*];

            pub fn word(self) -> &'static str {
                match self { $(Claim::$variant => $text),* }
            }

            /// The claim in the middle of a sentence.
            pub fn said(self) -> &'static str {
                match self { $(Claim::$variant => $said),* }
            }
        }
    };
}

claims! {
    Mined = "mined", "mined";
    Refined = "refined", "refined";
    Separated = "separated", "separated";
    Melted = "melted", "melted";
    Produced = "produced", "produced";
    Technology = "technology", "made with technology of";
    Content = "content", "list of materials";
    MadeIn = "made_in", "made in";
    Cots = "cots", "off-the-shelf item";
    ElectronicDevice = "electronic-device", "electronic device";
    Recycled = "recycled", "recycled material";
    Waiver = "waiver", "waiver";
    MitigationPlan = "mitigation-plan", "mitigation plan";
}

impl Claim {
    /// The steps of making a material, in their order; the technology comes last.
    pub const STEPS: &[Claim] =
        &[Claim::Mined, Claim::Refined, Claim::Separated, Claim::Melted, Claim::Produced, Claim::Technology];

    /// Claims of an item that take it out of a rule.
    pub const OF_ITEM: &[Claim] = &[Claim::Cots, Claim::ElectronicDevice];

    pub fn from_word(word: &str) -> Option<Claim> {
        Claim::ALL.iter().copied().find(|claim| claim.word() == word)
    }

    /// The claim with where it was done.
    pub fn at(self, place: &str) -> String {
        match self {
            Claim::Technology | Claim::MadeIn => format!("{} {place}", self.said()),
            _ => format!("{} in {place}", self.said()),
        }
    }

    /// Whether a document that does not say what it covers covers this: everything on the rows that
    /// cite it, but not an act of an authority.
    pub fn covered_by_default(self) -> bool {
        !matches!(self, Claim::Waiver | Claim::MitigationPlan)
    }
}

/// "mined, refined and separated", with that last word between the last two.
pub fn list(words: &[&str], last: &str) -> String {
    match words.split_last() {
        Some((end, [])) => end.to_string(),
        Some((end, before)) => format!("{} {last} {end}", before.join(", ")),
        None => String::new(),
    }
}
