//! Every recorded or documented error of AWS has the class in this table, and each class has one consequence.

mod known;
mod met;
mod recorded;

use crate::core::error::Error;
use crate::core::error::class::Class;
use crate::core::error::classify::classify;
use crate::core::operation::Operation;
use crate::core::withheld::Withheld;
use known::KNOWN;
use met::MET;
use recorded::TABLE;

const RECORDED: &str = include_str!("../../../../tests/data/aws-recorded-errors.txt");

const INVALID: &str = "InvalidParameterValueException";

/// Each recorded text belongs to one row, and each row has a recorded text.
#[test]
fn every_recorded_text_has_the_class_that_the_table_says() {
    let mut used = std::collections::BTreeSet::new();
    assert_eq!(RECORDED.lines().count(), 151);
    for line in RECORDED.lines() {
        let (head, rest) = line.split_once(" | ").unwrap();
        let (text, _snapshot) = rest.rsplit_once(" | ").unwrap_or_default();
        let (code, status) = head.split_once(' ').unwrap();
        let rows: Vec<_> = TABLE
            .iter()
            .filter(|row| row.2 == code)
            .flat_map(|row| row.3.iter().map(move |beginning| (row, *beginning)))
            .filter(|(_, beginning)| if beginning.is_empty() { text.is_empty() } else { text.starts_with(beginning) })
            .collect();
        let [((operation, class, ..), beginning)] = rows[..] else { panic!("{} rows for {line}", rows.len()) };
        assert_eq!(classify(*operation, code, status.parse().unwrap(), text), *class, "{line}");
        used.insert((code, beginning));
    }
    let rows = TABLE.iter().flat_map(|row| row.3.iter().map(|beginning| (row.2, *beginning)));
    let unused: Vec<_> = rows.filter(|row| !used.contains(row)).collect();
    assert!(unused.is_empty(), "nothing was recorded that begins with {unused:?}");
}

/// Texts that AWS documents or that other projects report, and that the recordings do not contain.
#[test]
fn every_other_known_text_has_the_class_that_the_table_says() {
    for (operation, class, code, status, text) in KNOWN {
        assert_eq!(classify(*operation, code, *status, text), *class, "{code} {text}");
    }
    for class in Class::ALL {
        let recorded = TABLE.iter().any(|row| row.1 == class);
        let met = MET.iter().any(|met| met.class == class);
        assert!(recorded || met || KNOWN.iter().any(|row| row.1 == class), "{class:?} is never met");
    }
}

#[test]
fn the_advice_fits_the_error_code() {
    let advice = |code: &str| Error::new(Operation::CreateFunction, code, 400, "").advice();
    assert!(advice("CodeVerificationFailedException").starts_with("Sign the package"));
    assert!(advice("InvalidCodeSignatureException").starts_with("Sign the package"));
    assert!(advice("ValidationException").starts_with("Correct the spec"));
    assert!(advice("CodeStorageExceededException").starts_with("Delete unused resources"));
}

/// A pipeline pushes an image a little later than its manifest.
#[test]
fn an_image_that_is_not_there_yet_is_asked_for_soon_and_then_slowly() {
    let pace = Class::ImageNotFound.pace();
    assert!(pace.delay(0, 1.0).as_secs() < 30);
    assert!(pace.delay(20, 0.5).as_secs() == 300);
    assert!(!Class::ImageNotFound.stalls() && Class::ImageNotFound.wait().is_some());
}

#[test]
fn the_echoed_environment_is_cut() {
    let text =
        "the environment variables you have provided exceeded the 4KB limit. String measured: {\"A\":\"s3cret\"}";
    let error = Error::new(Operation::CreateFunction, "InvalidParameterValueException", 400, text);
    assert_eq!(
        error.to_string(),
        "CreateFunction: InvalidParameterValueException: the environment variables you have provided exceeded the 4KB limit."
    );
}

#[test]
fn long_texts_are_cut_between_characters() {
    let error = Error::heard(Operation::CreateFunction, "X", 400, &"é".repeat(2000), &Withheld::nothing());
    assert_eq!(error.message.chars().count(), super::LONGEST + 1);
}
