package dev.docs.application;

import dev.docs.domain.DocumentNames;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Makes names of files out of names of documents, which may be any text. Each fits into one folder of any system beside
 * those made before it: no path, nothing that Windows reserves or cuts off, nothing that makes text run backwards, and no
 * two that a system which ignores case or composition would take for one. The same names in the same order make the same.
 */
final class ZipNames {
    static final int MAX_BYTES = 255;

    private static final int MAX_EXTENSION_BYTES = 32;
    private static final int NUMBER_BYTES = " (10000)".length();

    /** Control characters, what separates paths or lines, what Windows forbids, and what changes the direction of text. */
    private static final Pattern FORBIDDEN = Pattern.compile(
            "[\\p{Cc}\\p{Cs}/\\\\:*?\"<>|\\u2028\\u2029\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]");

    /** Devices, whatever follows the first dot. */
    private static final Pattern RESERVED =
            Pattern.compile("(?is)(con|prn|aux|nul|conin\\$|conout\\$|(com|lpt)[0-9\\u00b9\\u00b2\\u00b3]) *(\\..*)?");

    /** By what systems compare: the last number tried for names that begin and end like this one. */
    private final Map<String, Integer> taken = new HashMap<>();

    String add(String documentName) {
        String name = safe(documentName);
        if (taken.putIfAbsent(DocumentNames.key(name), 1) == null) {
            return name;
        }
        String extension = extension(name);
        String stem = name.substring(0, name.length() - extension.length());
        String start = cut(stem, MAX_BYTES - bytes(extension) - NUMBER_BYTES);
        // of long names that differ in what is cut, all count on together
        String counter = "/" + DocumentNames.key(start + extension);
        while (true) {
            String numbered = start + " (" + taken.merge(counter, 2, (last, two) -> last + 1) + ")" + extension;
            if (taken.putIfAbsent(DocumentNames.key(numbered), 1) == null) {
                return numbered;
            }
        }
    }

    private static String safe(String documentName) {
        String name = trimmed(FORBIDDEN.matcher(documentName).replaceAll("_"));
        // one byte is kept for what a reserved name begins with
        if (bytes(name) >= MAX_BYTES) {
            String extension = extension(name);
            String stem = name.substring(0, name.length() - extension.length());
            name = trimmed(cut(stem, MAX_BYTES - 1 - bytes(extension)) + extension);
        }
        return name.isEmpty() || RESERVED.matcher(name).matches() ? "_" + name : name;
    }

    /** Without what Windows drops from the end, which also leaves nothing of {@code "."} and {@code ".."}. */
    private static String trimmed(String name) {
        int end = name.length();
        while (end > 0 && (name.charAt(end - 1) == '.' || name.charAt(end - 1) == ' ')) {
            end--;
        }
        return name.substring(0, end);
    }

    /** With its dot; empty if there is none that is worth keeping. */
    private static String extension(String name) {
        int dot = name.lastIndexOf('.');
        String extension = dot <= 0 ? "" : name.substring(dot);
        return bytes(extension) <= MAX_EXTENSION_BYTES ? extension : "";
    }

    private static String cut(String text, int maxBytes) {
        int end = 0;
        int left = maxBytes;
        while (end < text.length()) {
            int next = text.offsetByCodePoints(end, 1);
            left -= bytes(text.substring(end, next));
            if (left < 0) {
                break;
            }
            end = next;
        }
        return text.substring(0, end);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
