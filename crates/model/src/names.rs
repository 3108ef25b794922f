//! Ids: what they resolve to, and the nearest known one for a wrong one.

/// The known name that is most like `name`, if any is like it enough to be worth proposing.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (name.chars().count().max(candidate.chars().count()) / 2).max(1))
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_finds_slips_and_gives_up_on_strangers() {
        assert_eq!(nearest("dy-oxid", ["tb-oxide", "dy-oxide", "dy-metal"]), Some("dy-oxide"));
        assert_eq!(nearest("chn", ["CHN", "CHE"]), Some("CHN"));
        assert_eq!(nearest("xyz", ["abcdefgh"]), None);
    }
}
