package dev.docs.adapter.http;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The Content-Disposition header with a name that may be any text (RFC 6266, RFC 8187). */
final class ContentDisposition {
    private static final String PLAIN = " !#$&+-.^_`|~()[]{}@,='";
    private static final String ATTRIBUTE = "!#$&+-.^_`|~";

    private ContentDisposition() {}

    /**
     * @param type {@code attachment} or {@code inline}
     */
    static String of(String type, String name) {
        StringBuilder plain = new StringBuilder();
        name.codePoints().forEach(c -> plain.append(isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0 ? (char) c : '_'));
        String value = type + "; filename=\"" + plain + "\"";
        return name.contentEquals(plain) ? value : value + "; filename*=UTF-8''" + encoded(name);
    }

    private static String encoded(String name) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (isLetterOrDigit(b) || (b > 0 && ATTRIBUTE.indexOf(b) >= 0)) {
                encoded.append((char) b);
            } else {
                encoded.append(String.format(Locale.ROOT, "%%%02X", b));
            }
        }
        return encoded.toString();
    }

    private static boolean isLetterOrDigit(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
