package dev.docs.domain;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The grammar of media types (RFC 9110, section 8.3.1), as far as Docs keeps them: no parameters, lower case. */
public final class MediaTypes {
    public static final String OCTET_STREAM = "application/octet-stream";

    /** RFC 6838 caps each of the two names at 127 characters. */
    private static final Pattern TYPE =
            Pattern.compile("[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}");

    private MediaTypes() {}

    public static boolean isValid(String mimeType) {
        return TYPE.matcher(mimeType).matches();
    }

    /** The type in a Content-Type value, its parameters dropped and in lower case; empty if it is none. */
    public static Optional<String> parse(String contentType) {
        int semicolon = contentType.indexOf(';');
        String type = (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
        return isValid(type) ? Optional.of(type) : Optional.empty();
    }

    /**
     * What content is served as, of what its sender and its bytes say. Bytes that show something are believed, and a sender
     * only where it says the same more precisely. Of bytes that show nothing the sender is believed, unless content of the
     * stated type would have shown it. So no claim can make content something that its bytes speak against.
     *
     * @param detector what {@code detected} comes from; {@link MediaTypeDetector#NONE} if there were no bytes to look at
     */
    public static String effective(@Nullable String declared, @Nullable String detected, MediaTypeDetector detector) {
        if (detected == null) {
            return declared == null || detector.recognizes(declared) ? OCTET_STREAM : declared;
        }
        if (declared != null && detector.isKindOf(declared, detected) && !detector.isKindOf(detected, declared)) {
            return declared;
        }
        return detected;
    }
}
