//! Offers, answers and manifests, byte by byte.

use super::*;

const OFFER: [u8; 20] = [0x60, 0x60, 0xB0, 0x17, 0, 0, 1, 0xFF, 0, 8, 8, 5, 0, 2, 4, 4, 0, 0, 0, 3];

#[test]
fn an_offer_is_read_when_it_is_whole() {
    for end in 0..OFFER.len() {
        assert_eq!(Offer::read(&OFFER[..end]), Ok(None), "{end} bytes");
    }
    let mut input = OFFER.to_vec();
    input.extend(b"first message");
    let offer = Offer::read(&input).unwrap().unwrap();
    let range = |major, minor, below| {
        Slot::Range(VersionRange { newest: Version::new(major, minor), below })
    };
    assert_eq!(offer.slots, [Slot::Manifest, range(5, 8, 8), range(4, 4, 2), range(3, 0, 0)]);
    let mut out = BytesMut::new();
    offer.write(&mut out);
    assert_eq!(out, OFFER[..]);
}

#[test]
fn the_first_slot_that_fits_wins_and_its_newest_version() {
    let offer = Offer::read(&OFFER).unwrap().unwrap();
    assert_eq!(offer.answer(&Version::SPOKEN), Answer::Manifest);
    assert_eq!(offer.classic(&Version::SPOKEN), Some(Version::V5_8));
    assert_eq!(offer.classic(&[Version::V4_4, Version::V5_0]), Some(Version::V5_0));
    assert_eq!(offer.classic(&[Version::V4_4, Version::V6_0]), Some(Version::V4_4));
    assert_eq!(offer.classic(&[Version::V6_0]), None);
    let old = Offer::only(Version::new(3, 0));
    assert_eq!(old.answer(&Version::SPOKEN), Answer::Nothing);
    let newest = Offer::only(Version::new(6, 1));
    assert_eq!(newest.answer(&Version::SPOKEN), Answer::Version(Version::new(6, 1)));
}

#[test]
fn the_version_that_never_was_is_not_chosen() {
    assert_eq!(Offer::only(Version::new(5, 5)).answer(&Version::SPOKEN), Answer::Nothing);
}

#[test]
fn unknown_slots_offer_nothing() {
    let mut input = OFFER;
    input[4..8].copy_from_slice(&[0, 0, 2, 0xFF]);
    let offer = Offer::read(&input).unwrap().unwrap();
    assert_eq!(offer.slots[0], Slot::Empty);
    assert_eq!(offer.answer(&Version::SPOKEN), Answer::Version(Version::V5_8));
}

#[test]
fn what_is_not_bolt_is_told_apart() {
    assert_eq!(Offer::read(b"GET / HTTP/1.1\r\n"), Err(NotBolt::Http));
    assert_eq!(Offer::read(b"G"), Ok(None));
    assert_eq!(Offer::read(b"POST"), Err(NotBolt::Http));
    assert_eq!(Offer::read(&[0x16, 0x03, 0x01]), Err(NotBolt::Tls));
    assert_eq!(Offer::read(&[0x60, 0x60, 0xB0, 0x18]), Err(NotBolt::Unknown));
    assert_eq!(Offer::read(b"\0\0\0\x08"), Err(NotBolt::Unknown));
}

#[test]
fn answers_are_four_bytes() {
    for answer in [Answer::Nothing, Answer::Manifest, Answer::Version(Version::V5_4)] {
        let mut out = BytesMut::new();
        write_answer(answer, &mut out);
        assert_eq!(read_answer(&out), Some(answer));
        assert_eq!(read_answer(&out[..3]), None);
    }
}

#[test]
fn a_manifest_and_its_choice_go_both_ways() {
    let mut out = BytesMut::new();
    write_manifest(&Version::SPOKEN, &mut out);
    for end in 0..out.len() {
        assert_eq!(read_manifest(&out[..end]), Ok(None), "{end} bytes");
    }
    let (ranges, used) = read_manifest(&out).unwrap().unwrap();
    assert_eq!((ranges.len(), used), (Version::SPOKEN.len(), out.len()));
    assert!(ranges.iter().any(|range| range.contains(Version::V4_4)));

    let mut out = BytesMut::new();
    write_choice(Version::V5_8, &mut out);
    let used = out.len();
    out.extend_from_slice(b"\0\x02\xB0\x02\0\0");
    assert_eq!(read_choice(&out, &Version::SPOKEN), Ok(Some((Version::V5_8, used))));
    assert_eq!(read_choice(&out[..4], &Version::SPOKEN), Ok(None));
    assert_eq!(read_choice(&out, &[Version::V5_7]), Err(HandshakeError::NotOffered));
    assert_eq!(read_choice(&[0, 0, 8, 5, 1], &Version::SPOKEN), Err(HandshakeError::Capability));
    // A range is no choice.
    assert_eq!(read_choice(&[0, 1, 8, 5, 0], &Version::SPOKEN), Err(HandshakeError::NotOffered));
}

#[test]
fn the_manifest_of_a_real_server_is_read() {
    // 5.26 lists 4.4 to 4.0, 5.4 to 5.0 and 5.8 to 5.6.
    let input = [3, 0, 4, 4, 4, 0, 4, 4, 5, 0, 2, 8, 5, 0];
    let (ranges, used) = read_manifest(&input).unwrap().unwrap();
    assert_eq!(used, input.len());
    let offered = |version| ranges.iter().any(|range| range.contains(version));
    assert!(offered(Version::V5_7) && offered(Version::V5_0) && offered(Version::V4_4));
    assert!(!offered(Version::new(5, 5)) && !offered(Version::V6_0));
}

#[test]
fn numbers_in_a_manifest_are_bounded() {
    assert_eq!(read_manifest(&[65]), Err(HandshakeError::TooManyVersions));
    assert_eq!(read_manifest(&[0x80; 9]), Ok(None));
    assert_eq!(read_manifest(&[0x80; 10]), Err(HandshakeError::Varint));
    let mut too_wide = [0xFF; 10];
    too_wide[9] = 0x7F;
    assert_eq!(read_manifest(&too_wide), Err(HandshakeError::Varint));
    for value in [0, 127, 128, u64::MAX] {
        let mut out = BytesMut::new();
        put_varint(value, &mut out);
        assert_eq!(varint(&out), Ok(Some((value, out.len()))));
    }
}
