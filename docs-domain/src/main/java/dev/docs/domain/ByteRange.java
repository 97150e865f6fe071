package dev.docs.domain;

/**
 * A part of some content.
 *
 * @param offset of the first byte, 0 or more
 * @param length number of bytes, 0 or more
 */
public record ByteRange(long offset, long length) {
    public ByteRange {
        if (offset < 0 || length < 0 || offset + length < 0) {
            throw new IllegalArgumentException("not a range: " + length + " bytes from " + offset);
        }
    }

    /** Offset behind the last byte. */
    public long end() {
        return offset + length;
    }
}
