//! A deployment package with one Python file: a zip as small as can be.

/// A zip with `main.py`, stored: local header, directory, end. The handler is `main.NAME`.
pub fn package(source: &str) -> Vec<u8> {
    let name = b"main.py";
    let content = source.as_bytes();
    let crc = crc32(content);
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
    let common = |zip: &mut Vec<u8>| {
        zip.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
        zip.extend(crc.to_le_bytes());
        zip.extend(number(content.len()));
        zip.extend(number(content.len()));
        zip.extend([7, 0, 0, 0]);
    };
    let mut zip = b"PK\x03\x04".to_vec();
    common(&mut zip);
    zip.extend(name);
    zip.extend(content);
    let directory = zip.len();
    zip.extend(b"PK\x01\x02\x14\x03");
    common(&mut zip);
    zip.extend([0; 6]);
    // regular file, readable by all
    zip.extend([0, 0, 0xa4, 0x81, 0, 0, 0, 0]);
    zip.extend(name);
    let size = zip.len() - directory;
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend(number(size));
    zip.extend(number(directory));
    zip.extend([0, 0]);
    zip
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}
