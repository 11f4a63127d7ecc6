//! The form of region names, and correction of misspelled ones.

use super::aws_partition::is_aws_region;
use super::provider::Provider;
use super::table::PROVIDERS;

/// Whether a text has the form of a region name of any store: letters, digits, `-`, `_` and `.`, at
/// most 64 bytes, starting with a letter or digit. Other text from a server or a URL is not used as
/// a region.
pub fn is_region_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// How likely a label is a region name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegionForm {
    /// Not a region name.
    No,
    /// A country, continent or city, which often is the name of something else.
    Bare,
    /// A place with a direction, a city or a number: `eu-central-1`, `fra1`, `de-muc`, `ru-3`.
    Full,
}

/// Continents and countries with data centers, the prefixes of region names. English words are
/// listed below.
const AREAS: &[&str] = &[
    "ae",
    "af",
    "africa",
    "america",
    "ap",
    "apac",
    "ar",
    "asia",
    "au",
    "australia",
    "bd",
    "bg",
    "br",
    "ca",
    "ch",
    "cn",
    "cy",
    "cz",
    "de",
    "dk",
    "ee",
    "eg",
    "emea",
    "es",
    "eu",
    "europe",
    "fi",
    "fr",
    "gb",
    "ge",
    "gov",
    "gr",
    "hk",
    "hr",
    "hu",
    "ie",
    "il",
    "ir",
    "jp",
    "ke",
    "kr",
    "kw",
    "kz",
    "la",
    "latam",
    "lk",
    "lt",
    "lu",
    "lv",
    "ma",
    "mx",
    "na",
    "ng",
    "nl",
    "northamerica",
    "nz",
    "oceania",
    "om",
    "pe",
    "ph",
    "pk",
    "pl",
    "pt",
    "qa",
    "ro",
    "rs",
    "ru",
    "sa",
    "se",
    "sg",
    "si",
    "sk",
    "southamerica",
    "th",
    "tn",
    "tr",
    "tw",
    "ua",
    "uk",
    "us",
    "uz",
    "vn",
    "za",
];

/// Prefixes that are also English words: they require a direction or a city after them.
const AREAS_THAT_ARE_WORDS: &[&str] = &[
    "am", "as", "at", "be", "by", "cl", "co", "id", "in", "is", "it", "me", "my", "no", "so", "to",
];

const DIRECTIONS: &[&str] = &[
    "central",
    "centralsouth",
    "east",
    "midwest",
    "north",
    "northcentral",
    "northeast",
    "northwest",
    "south",
    "southcentral",
    "southeast",
    "southwest",
    "west",
];

/// Areas of several countries.
const CONTINENTS: &[&str] = &["af", "ap", "eu", "la", "na", "sa"];

/// Cities, their airports and codes that stores use for them, and countries.
const CITIES: &[&str] = &[
    "abudhabi",
    "ams",
    "amsterdam",
    "argentina",
    "ash",
    "ashburn",
    "ashdod",
    "ast",
    "astana",
    "ath",
    "athens",
    "atl",
    "atlanta",
    "auckland",
    "austria",
    "bangkok",
    "barcelona",
    "batam",
    "bcn",
    "beijing",
    "ber",
    "bergen",
    "berlin",
    "bern",
    "bhs",
    "bhx",
    "bj",
    "bkk",
    "blr",
    "bog",
    "bogota",
    "bom",
    "boston",
    "brazil",
    "bru",
    "brussels",
    "bucharest",
    "bud",
    "buda",
    "budapest",
    "cairo",
    "california",
    "canada",
    "cardiff",
    "cdg",
    "cgk",
    "chc",
    "che",
    "chengdu",
    "chennai",
    "chicago",
    "chile",
    "china",
    "chongqing",
    "chuncheon",
    "cologne",
    "colombia",
    "cph",
    "cpt",
    "dal",
    "dallas",
    "del",
    "delhi",
    "den",
    "denver",
    "dfw",
    "dub",
    "dubai",
    "dublin",
    "dus",
    "dusseldorf",
    "egypt",
    "ewr",
    "ezeiza",
    "falkenstein",
    "finland",
    "fra",
    "france",
    "frankfurt",
    "fsn",
    "geneva",
    "germany",
    "gra",
    "graz",
    "gru",
    "guangzhou",
    "gva",
    "gz",
    "ham",
    "hamburg",
    "han",
    "hangzhou",
    "hanoi",
    "hcm",
    "hel",
    "helsinki",
    "hk",
    "hkg",
    "hkn",
    "hkt",
    "hlz",
    "hn",
    "hnd",
    "hongkong",
    "hyd",
    "hyderabad",
    "iad",
    "icn",
    "india",
    "indonesia",
    "iowa",
    "ireland",
    "israel",
    "ist",
    "istanbul",
    "italy",
    "itami",
    "jakarta",
    "japan",
    "jed",
    "jeddah",
    "jkt",
    "jnb",
    "johannesburg",
    "jovanovac",
    "karlskrona",
    "kbp",
    "kenya",
    "khi",
    "kiev",
    "kix",
    "kna",
    "korea",
    "krakow",
    "kualalumpur",
    "kul",
    "kyiv",
    "lagos",
    "lax",
    "led",
    "leipzig",
    "lej",
    "lhr",
    "lima",
    "lis",
    "lisbon",
    "lon",
    "london",
    "losangeles",
    "lux",
    "luxembourg",
    "lyon",
    "maa",
    "mad",
    "madrid",
    "malaysia",
    "man",
    "manchester",
    "manila",
    "marseille",
    "mci",
    "mel",
    "melbourne",
    "mex",
    "mexico",
    "mia",
    "miami",
    "mil",
    "milan",
    "mnl",
    "mon",
    "monterrey",
    "montreal",
    "mos",
    "mosc",
    "moscow",
    "mow",
    "mrs",
    "msk",
    "msq",
    "mty",
    "muc",
    "mum",
    "mumbai",
    "mun",
    "munich",
    "mxp",
    "nairobi",
    "nanjing",
    "nantes",
    "nap",
    "nbg",
    "netherlands",
    "nigeria",
    "norway",
    "nrt",
    "nsw",
    "nue",
    "nuremberg",
    "ny",
    "nyc",
    "ohio",
    "ord",
    "oregon",
    "osa",
    "osaka",
    "osl",
    "oslo",
    "otp",
    "par",
    "paris",
    "pek",
    "per",
    "perth",
    "peru",
    "philippines",
    "phl",
    "phoenix",
    "phx",
    "poland",
    "porto",
    "poz",
    "prague",
    "prg",
    "pune",
    "qld",
    "qro",
    "queretaro",
    "rbx",
    "riga",
    "rix",
    "riyadh",
    "rom",
    "rome",
    "rotterdam",
    "ruh",
    "russia",
    "sanjose",
    "santiago",
    "sao",
    "saopaulo",
    "sbg",
    "scl",
    "sea",
    "seattle",
    "sel",
    "seo",
    "seoul",
    "sfo",
    "sgn",
    "sgp",
    "shanghai",
    "shenzhen",
    "shg",
    "sif",
    "sin",
    "singapore",
    "sjc",
    "sng",
    "sof",
    "sofia",
    "spain",
    "spb",
    "sto",
    "stockholm",
    "strasbourg",
    "svo",
    "svq",
    "sweden",
    "switzerland",
    "sxb",
    "syd",
    "sydney",
    "szx",
    "taipei",
    "taiwan",
    "tallinn",
    "tas",
    "tehran",
    "texas",
    "thailand",
    "thr",
    "tky",
    "tlv",
    "tok",
    "tokyo",
    "tor",
    "toronto",
    "tpe",
    "turin",
    "turkey",
    "turku",
    "tyo",
    "usc",
    "valencia",
    "valparaiso",
    "vancouver",
    "vic",
    "vie",
    "vienna",
    "vietnam",
    "vilnius",
    "vinhedo",
    "virginia",
    "vno",
    "warsaw",
    "waw",
    "wdc",
    "wuhan",
    "wuxi",
    "yul",
    "yvr",
    "yyz",
    "zag",
    "zagreb",
    "zrh",
    "zug",
    "zur",
    "zurich",
];

/// Those of them that mean something else on their own.
const CITIES_THAT_ARE_WORDS: &[&str] = &[
    "ash", "bog", "che", "del", "den", "ham", "ist", "man", "mos", "mun", "nap", "per", "rom",
    "sea", "sel",
];

/// States and cities of two letters, which count only after an area.
const SUBDIVISIONS: &[&str] = &[
    "bj", "ca", "cd", "cq", "fl", "ga", "gd", "gz", "hz", "nj", "nv", "ny", "oh", "or", "sh", "su",
    "sz", "tj", "tp", "tx", "ut", "va", "wa", "wh", "ws", "xa",
];

fn is_in(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

/// The kind of a hyphen-separated segment of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Area,
    AreaThatIsWord,
    Direction,
    City,
    Number,
    /// Two to four letters and a number.
    Numbered,
    /// Two to four letters.
    Letters,
    Other,
}

/// The word before the number at the end of a segment, and whether there is one: `fra` of `fra1`;
/// `04a` is a number.
fn without_number(segment: &str) -> (&str, bool) {
    let digits = |c: char| c.is_ascii_digit();
    let (core, lettered) = match segment.strip_suffix(['a', 'b', 'c', 'd']) {
        Some(core) if core.ends_with(digits) => (core, true),
        _ => (segment, false),
    };
    let word = core.trim_end_matches(digits);
    match core.len() - word.len() {
        0 => (segment, false),
        1..=3 => (word, true),
        _ if lettered => (segment, false),
        _ => (core, false),
    }
}

fn segment(text: &str) -> Segment {
    let (word, has_number) = without_number(text);
    if word.is_empty() && has_number {
        return Segment::Number;
    }
    if is_in(DIRECTIONS, word) {
        return Segment::Direction;
    }
    if is_in(CITIES, word) {
        return Segment::City;
    }
    if !has_number {
        if is_in(AREAS, word) {
            return Segment::Area;
        }
        if is_in(AREAS_THAT_ARE_WORDS, word) {
            return Segment::AreaThatIsWord;
        }
    }
    let is_short = (2..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    match (is_short, has_number) {
        (true, true) => Segment::Numbered,
        (true, false) => Segment::Letters,
        (false, _) => Segment::Other,
    }
}

/// Whether a lower-case label looks like a region name.
pub(super) fn region_form(label: &str) -> RegionForm {
    match label.split_once('-') {
        None => form_of_word(label),
        Some((first, rest)) => form_of_compound(first, rest),
    }
}

fn form_of_word(label: &str) -> RegionForm {
    let (word, has_number) = without_number(label);
    let is_place =
        is_in(AREAS, word) || (is_in(CITIES, word) && !is_in(CITIES_THAT_ARE_WORDS, word));
    // `sh1a`
    let is_part_of_country = has_number && is_in(SUBDIVISIONS, word);
    if is_place && has_number {
        return RegionForm::Full;
    }
    // `useast1`
    let squashed = has_number
        && word
            .get(..2)
            .zip(word.get(2..))
            .is_some_and(|(area, direction)| is_in(AREAS, area) && is_in(DIRECTIONS, direction));
    match (squashed, is_place) {
        (true, _) => RegionForm::Full,
        (false, true) => RegionForm::Bare,
        (false, false) if is_part_of_country => RegionForm::Bare,
        (false, false) => RegionForm::No,
    }
}

fn form_of_compound(first: &str, rest: &str) -> RegionForm {
    let kind = segment(first);
    let only = (!rest.contains('-')).then(|| segment(rest));
    match kind {
        Segment::Area | Segment::AreaThatIsWord => {}
        // `fra-1`, `west-2`
        Segment::City | Segment::Direction if only == Some(Segment::Number) => {
            return RegionForm::Full;
        }
        _ => return RegionForm::No,
    }
    let is_sure_area = kind == Segment::Area;
    let ends_in_number = rest
        .rsplit('-')
        .next()
        .is_some_and(|last| segment(last) == Segment::Number);
    let mut is_place = false;
    let mut after_direction = false;
    let mut has_number = false;
    for (index, text) in rest.split('-').enumerate() {
        // The letter of a zone, as in `us-east1-a`, is last.
        if is_place && matches!(text, "a" | "b" | "c" | "d") && rest.ends_with(text) {
            has_number = true;
            continue;
        }
        match segment(text) {
            Segment::Direction => {
                is_place = true;
                after_direction = true;
                continue;
            }
            Segment::City => is_place = true,
            Segment::Number => has_number = true,
            // `at1`, `se1`
            Segment::Numbered if is_sure_area || after_direction => is_place = true,
            Segment::Letters | Segment::Area | Segment::AreaThatIsWord
                if after_direction || (is_sure_area && ends_in_number) => {}
            // `us-ca`, and `eu-de` as `ap-in`
            Segment::Letters | Segment::Area | Segment::AreaThatIsWord
                if is_sure_area
                    && index == 0
                    && (is_in(SUBDIVISIONS, text)
                        || (CONTINENTS.contains(&first) && segment(text) != Segment::Letters)) =>
            {
                is_place = true;
            }
            Segment::Area if is_sure_area => {}
            _ => return RegionForm::No,
        }
        after_direction = false;
    }
    if is_place || (is_sure_area && has_number) {
        RegionForm::Full
    } else {
        RegionForm::No
    }
}

/// The known region name closest to a misspelled one, of one store or of all.
///
/// A name that differs only in its number is a new region, not a misspelling, and so is a new one
/// in the form of AWS.
pub fn suggest_region(name: &str, provider: Option<&Provider>) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    if is_aws_region(&name) && provider.is_none_or(Provider::is_aws) {
        return None;
    }
    let most = if name.len() < 6 { 1 } else { 2 };
    let stem = |text: &str| -> String {
        let letters: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
        letters.trim_end_matches('-').to_owned()
    };
    let of_name = stem(&name);
    let rows: &[Provider] = PROVIDERS;
    rows.iter()
        .filter(|row| provider.is_none_or(|provider| provider.id == row.id))
        .flat_map(|row| row.regions.iter().copied())
        .filter(|known| known.len() > 3 || provider.is_some())
        .map(|known| (distance(&name, known), known))
        .filter(|(distance, known)| (1..=most).contains(distance) && stem(known) != of_name)
        // Of equally close names the first in the table: IBM's, then AWS's.
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The regions of all stores whose names differ from this one by a slip or a number.
#[cfg(feature = "diagnosis")]
pub fn similar_regions(name: &str) -> impl Iterator<Item = &'static str> {
    let name = name.to_ascii_lowercase();
    let rows: &[Provider] = PROVIDERS;
    rows.iter()
        .flat_map(|row| row.regions.iter().copied())
        .filter(move |known| distance(&name, &known.to_ascii_lowercase()) <= 2)
}

/// Edit distance with transpositions (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let exchanged = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = exchanged.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_region_names_from_other_text() {
        for region in [
            "us-east-1",
            "eu-central-003",
            "RegionOne",
            "auto",
            "us_west",
        ] {
            assert!(is_region_name(region), "{region}");
        }
        for text in ["", "-x", "eu$(touch PWN)-1", "a b", "a/b", "a\nb", "é"] {
            assert!(!is_region_name(text), "{text}");
        }
    }
    use crate::store::find_provider;

    #[test]
    fn the_lists_are_in_order() {
        for list in [
            AREAS,
            AREAS_THAT_ARE_WORDS,
            CITIES,
            CITIES_THAT_ARE_WORDS,
            DIRECTIONS,
            SUBDIVISIONS,
        ] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn names_of_regions_look_like_regions() {
        let mut wrong = Vec::new();
        for name in [
            "us-east-1",
            "eu-central-003",
            "us-gov-west-1",
            "ap-southeast-syd",
            "us-east-va",
            "us-central1",
            "europe-west4",
            "asia-northeast1",
            "northamerica-northeast1",
            "ir-thr-at1",
            "br-se1",
            "ru-1",
            "kz-1",
            "tw-001",
            "eu-001",
            "ch-dk-2",
            "ch-gva-2",
            "bg-sof-1",
            "nz-por-1",
            "nz-hlz-1",
            "at-vie-1",
            "in-maa-1",
            "it-mil",
            "fr-par",
            "jp-osa",
            "uk-london-1",
            "me-abudhabi-1",
            "ca-montreal-1",
            "my-kualalumpur-1",
            "ap-tokyo-2",
            "fra1",
            "nyc3",
            "hel1",
            "sgp1",
            "hcm-1",
            "hcm01",
            "us1",
            "eu2",
            "usc1",
            "useast1",
            "us-east-04a",
            "la-south-2",
            "sa-brazil-1",
            "ru-moscow-1",
            "ru-central1",
            "de-fra",
            "cn-bj",
            "us-ca",
            "ae-ad-1",
            "ap-southeast-3",
            "sea-1",
            "tr-west-1",
            "uk-lon-1",
            "eu-paris",
            "cn-sh2",
            "us-east1-a",
            "us-east-1-b",
        ] {
            if region_form(name) != RegionForm::Full {
                wrong.push(name);
            }
        }
        for name in [
            "de", "us", "eu", "gra", "sh1a", "waw", "paris", "nl", "hk", "bj",
        ] {
            assert_eq!(region_form(name), RegionForm::Bare, "{name}");
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn other_words_do_not() {
        let mut wrong = Vec::new();
        for name in [
            "example",
            "my-company",
            "my-app",
            "my-app-1",
            "in-house",
            "at-work",
            "it-ops",
            "no-ssl",
            "be-api",
            "dev",
            "prod",
            "prod-1",
            "dev1",
            "test-2",
            "stage",
            "node-1",
            "node1",
            "web-01",
            "lab-2",
            "team-a",
            "k8s",
            "cluster1",
            "cl2",
            "c1",
            "backup",
            "internal",
            "lan",
            "local",
            "corp",
            "cdn",
            "api",
            "v1",
            "v2",
            "s3",
            "minio",
            "data",
            "files",
            "de-facto",
            "us-based",
            "eu-data",
            "co-op",
            "app-1",
            "db-1",
            "a",
            "1",
            "x1",
            "pub1",
            "swiss-backup02",
            "man",
            "sea",
            "per",
            "acme-corp",
            "127",
            "0",
            "node-fra",
            "www",
            "static",
            "media",
            "old",
            "new",
            "tenant-7",
            "r2",
            "io",
            "ns1",
            "gw1",
            "",
        ] {
            if region_form(name) != RegionForm::No {
                wrong.push(name);
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn slips_are_led_back_to_the_name_that_was_meant() {
        let of = |id| find_provider(id);
        for (name, id, expected) in [
            ("us-suoth", None, Some("us-south")),
            ("us-soth", None, Some("us-south")),
            ("us-south1", None, None),
            ("us-esat-1", None, Some("us-east-1")),
            ("eu-wst-1", Some("aws"), Some("eu-west-1")),
            ("frpar", None, Some("fr-par")),
            ("fr-pra", None, Some("fr-par")),
            ("us-suoth", Some("ibm"), Some("us-south")),
            ("eu-fr2", Some("ibm"), None),
            ("eu-d", Some("ibm"), Some("eu-de")),
            ("us-east-9", None, None),
            ("nyc4", Some("do-spaces"), None),
            ("mars", None, None),
            ("us-south", Some("ibm"), None),
        ] {
            let provider = id.and_then(of);
            assert_eq!(suggest_region(name, provider), expected, "{name} {id:?}");
        }
    }
}
