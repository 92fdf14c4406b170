//! The names of distribution points, in certificates (RFC 5280 section 4.2.1.13) and in revocation lists (section 5.2.5).

use super::{Name, der};

/// One name of a distribution point.
#[derive(Debug, Clone)]
pub enum PointName {
    /// A URI, raw.
    Uri(String),
    /// A directory's name.
    Directory(Name),
    /// nameRelativeToCRLIssuer: what stands below the name of the list's issuer.
    BelowIssuer(Name),
    /// A name of another kind.
    Other,
}

impl PointName {
    /// Whether it is the same name as another, for lists of that issuer.
    pub fn same_as(&self, other: &PointName, issuer: &Name) -> bool {
        match (self, other) {
            (PointName::Uri(one), PointName::Uri(other)) => one == other,
            _ => match (self.directory(issuer), other.directory(issuer)) {
                (Some(one), Some(other)) => one.same_as(&other),
                _ => false,
            },
        }
    }

    fn directory(&self, issuer: &Name) -> Option<Name> {
        match self {
            PointName::Directory(name) => Some(name.clone()),
            PointName::BelowIssuer(lower) => Some(issuer.with_below(lower)),
            PointName::Uri(_) | PointName::Other => None,
        }
    }
}

/// Escaped where it is shown to a person by whoever shows it.
impl std::fmt::Display for PointName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PointName::Uri(uri) => f.write_str(&super::escape(uri)),
            PointName::Directory(name) => write!(f, "{name}"),
            PointName::BelowIssuer(name) => write!(f, "{name} below the issuer"),
            PointName::Other => f.write_str("a name of another kind"),
        }
    }
}

/// The names in the first field of an issuingDistributionPoint or a DistributionPoint, where there is that field.
pub(super) fn names(fields: &[u8]) -> Option<Vec<PointName>> {
    let field = der::element(fields).filter(|field| field.tag == 0xa0)?;
    let Some(choice) = der::element(field.content) else { return Some(vec![PointName::Other]) };
    Some(match choice.tag {
        0xa0 => full_name(choice.content),
        0xa1 => vec![below_issuer(choice.content)],
        _ => vec![PointName::Other],
    })
}

/// Whether the content is points: a name, reasons and an issuer, each where it is given (section 4.2.1.13).
pub(super) fn are_points(points: &[u8]) -> bool {
    let is_name = |choice: &der::Element<'_>| match choice.tag {
        0xa0 => der::are(choice.content, |name| super::extension::is_name(name.tag)),
        0xa1 => true,
        _ => false,
    };
    der::are(points, |point| {
        let is_field = |field: &der::Element<'_>| match field.tag {
            0xa0 => der::are(field.content, is_name),
            0x81 | 0xa2 => true,
            _ => false,
        };
        point.tag == 0x30 && der::are(point.content, is_field)
    })
}

/// The names of all points of cRLDistributionPoints.
pub(super) fn names_of_points(extension: &[u8]) -> Vec<PointName> {
    let mut points = der::sequence(extension).unwrap_or_default();
    let mut all = Vec::new();
    while let Some(point) = der::element(points) {
        all.extend(names(point.content).unwrap_or_default());
        points = point.rest;
    }
    all
}

/// GeneralNames: `[6]` a URI, `[4]` a directory's name.
fn full_name(mut names: &[u8]) -> Vec<PointName> {
    let mut read = Vec::new();
    while let Some(name) = der::element(names) {
        read.push(match name.tag {
            0x86 => PointName::Uri(String::from_utf8_lossy(name.content).into_owned()),
            0xa4 => Name::from_der(name.content).map_or(PointName::Other, PointName::Directory),
            _ => PointName::Other,
        });
        names = name.rest;
    }
    read
}

/// One RelativeDistinguishedName, without its own SET tag.
fn below_issuer(attributes: &[u8]) -> PointName {
    let name = der::wrapped(0x30, &[&der::wrapped(0x31, &[attributes])]);
    let lower = Name::from_der(&name).filter(|name| name.attributes().next().is_some());
    lower.map_or(PointName::Other, PointName::BelowIssuer)
}

#[cfg(test)]
mod tests {
    use super::super::der::wrapped;
    use super::{Name, PointName, names, names_of_points};

    fn attribute(text: &str) -> Vec<u8> {
        wrapped(0x30, &[&[0x06, 0x03, 0x55, 0x04, 0x03], &wrapped(0x0c, &[text.as_bytes()])])
    }

    #[test]
    fn a_name_below_the_issuer_is_the_whole_name_of_a_directory() {
        let issuer = Name::of_common_name("Root");
        let part = Name::of_common_name("part 1");
        let relative = wrapped(0xa0, &[&wrapped(0xa1, &[&attribute("part 1")])]);
        let whole = wrapped(0xa0, &[&wrapped(0xa0, &[&wrapped(0xa4, &[issuer.with_below(&part).der()])])]);
        let (relative, whole) = (names(&relative).unwrap(), names(&whole).unwrap());
        assert!(matches!(relative[..], [PointName::BelowIssuer(_)]) && matches!(whole[..], [PointName::Directory(_)]));
        assert!(relative[0].same_as(&whole[0], &issuer) && whole[0].same_as(&relative[0], &issuer));
        assert!(!relative[0].same_as(&whole[0], &part));
        assert!(!relative[0].same_as(&PointName::Uri("part 1".to_owned()), &issuer));
        assert!(!PointName::Other.same_as(&PointName::Other, &issuer));
    }

    #[test]
    fn what_is_no_name_is_one_that_fits_nothing() {
        assert!(names(&[]).is_none() && names(&[0x81, 0x01, 0xff]).is_none());
        for field in [
            &[0xa0, 0x00][..],
            &[0xa0, 0x02, 0xa1, 0x00],
            &[0xa0, 0x02, 0xa5, 0x00],
            &[0xa0, 0x04, 0xa0, 0x02, 0x82, 0x00],
        ] {
            assert!(matches!(names(field).as_deref(), Some([PointName::Other])), "{field:02x?}");
        }
        assert!(names_of_points(&[0x30, 0x05, 0x30]).is_empty());
    }
}
