package dev.docs.adapter.http;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Headers of the form {@code value; name=value; name="quoted value"}, as clients really write them. */
final class HeaderParameters {
    private static final Pattern PARAMETER = Pattern.compile(
            "\\s*+;\\s*+([!#$%&'*+.^_`|~0-9A-Za-z-]++)\\s*+=\\s*+(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|([^\";]*+))\\s*+");
    private static final Pattern EXTENDED =
            Pattern.compile("(?i)UTF-8'[A-Za-z0-9-]*'((?:[!#$&+.^_`|~0-9A-Za-z-]|%[0-9A-Fa-f]{2})*+)");

    private HeaderParameters() {}

    /** What stands before the parameters, in lower case. */
    static String value(String header) {
        int semicolon = header.indexOf(';');
        return (semicolon < 0 ? header : header.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    }

    /**
     * The parameters by their names in lower case; none from a place on that is not of the form. In quotes, a backslash
     * escapes a quote or a backslash and is itself before all else: browsers send file names unescaped.
     */
    static Map<String, String> parse(String header) {
        Map<String, String> parameters = new HashMap<>();
        int semicolon = header.indexOf(';');
        Matcher matcher = PARAMETER.matcher(header);
        int at = semicolon < 0 ? header.length() : semicolon;
        while (at < header.length() && matcher.region(at, header.length()).lookingAt()) {
            String quoted = matcher.group(2);
            parameters.putIfAbsent(
                    matcher.group(1).toLowerCase(Locale.ROOT),
                    quoted == null ? matcher.group(3).strip() : quoted.replaceAll("\\\\([\"\\\\])", "$1"));
            at = matcher.end();
        }
        return parameters;
    }

    /** A value in the extended notation (RFC 8187), decoded; null if it is none or not UTF-8. */
    static @Nullable String extended(@Nullable String value) {
        Matcher matcher = EXTENDED.matcher(value == null ? "" : value);
        if (!matcher.matches()) {
            return null;
        }
        String encoded = matcher.group(1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int at = 0; at < encoded.length(); at++) {
            if (encoded.charAt(at) == '%') {
                bytes.write(Integer.parseInt(encoded, at + 1, at + 3, 16));
                at += 2;
            } else {
                bytes.write(encoded.charAt(at));
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
