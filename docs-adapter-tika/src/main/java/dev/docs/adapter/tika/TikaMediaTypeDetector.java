package dev.docs.adapter.tika;

import dev.docs.domain.MediaTypeDetector;
import dev.docs.domain.MediaTypes;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.mime.MediaType;
import org.apache.tika.mime.MediaTypeRegistry;
import org.apache.tika.mime.MimeType;
import org.apache.tika.mime.MimeTypeException;
import org.apache.tika.mime.MimeTypes;
import org.apache.tika.parser.ParseContext;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tika's core detector: about 1,500 types with their names and signatures, and the root elements of XML. No parser is
 * involved: containers such as ZIP are not opened, so what is in them is told by their first entry and by the name.
 */
public final class TikaMediaTypeDetector implements MediaTypeDetector {
    /** What Tika itself would read: the root element of XML may come after a long comment. */
    private static final int HEAD_BYTES = 64 << 10;

    /** Families that only Tika calls by these names, and what everybody calls them. */
    private static final Map<String, String> PUBLIC_NAMES = Map.of(
            "application/x-tika-ooxml", "application/zip",
            "application/x-tika-ooxml-protected", "application/x-ole-storage",
            "application/x-tika-msoffice", "application/x-ole-storage",
            "application/x-tika-msworks-spreadsheet", "application/vnd.ms-works",
            "application/x-tika-old-excel", "application/vnd.ms-excel",
            "application/x-tika-iworks-protected", "application/zip");

    /** Other names for what Tika knows, which it does not. */
    private static final Map<String, String> MORE_NAMES = Map.of(
            "application/x-ole-storage", "application/x-tika-msoffice",
            "application/x-dosexec", "application/x-msdownload",
            "application/vnd.microsoft.portable-executable", "application/x-msdownload");

    /** What Tika would take for parts of a URL. */
    private static final Pattern NO_PART_OF_A_FILE_NAME = Pattern.compile("[:?#%]");

    private final MimeTypes types = MimeTypes.getDefaultMimeTypes();
    private final MediaTypeRegistry registry = types.getMediaTypeRegistry();

    @Override
    public int headBytes() {
        return HEAD_BYTES;
    }

    @Override
    public Optional<String> detect(ByteBuffer head, String name) {
        byte[] bytes = new byte[Math.min(head.remaining(), HEAD_BYTES)];
        head.duplicate().get(bytes);
        // without the name: Tika would take its word for bytes that it does not know, and for another kind of archive
        MediaType shown = bytes.length == 0 ? MediaType.OCTET_STREAM : read(bytes, null);
        if (isUnknown(shown)) {
            return Optional.empty();
        }
        String fileName = NO_PART_OF_A_FILE_NAME.matcher(name).replaceAll("_");
        MediaType named = read(new byte[0], fileName);
        MediaType refined = registry.isSpecializationOf(named, shown) ? named : shown;
        String type = refined.getBaseType().toString();
        return MediaTypes.parse(PUBLIC_NAMES.getOrDefault(type, type)).filter(t -> !t.equals(MediaTypes.OCTET_STREAM));
    }

    private MediaType read(byte[] bytes, @Nullable String name) {
        Metadata metadata = new Metadata();
        if (name != null) {
            metadata.set(TikaCoreProperties.RESOURCE_NAME_KEY, name);
        }
        try (TikaInputStream in = TikaInputStream.get(bytes)) {
            return types.detect(in, metadata, new ParseContext());
        } catch (IOException | RuntimeException e) {
            // bytes can be anything, and what Tika stumbles over it does not know
            return MediaType.OCTET_STREAM;
        }
    }

    @Override
    public boolean isKindOf(String type, String general) {
        MediaType one = known(type);
        MediaType other = known(general);
        return other.equals(MediaType.OCTET_STREAM) || registry.isInstanceOf(one, other);
    }

    @Override
    public boolean recognizes(String type) {
        for (MediaType t = known(type); t != null && !isUnknown(t); t = registry.getSupertype(t)) {
            if (t.equals(MediaType.TEXT_PLAIN) || hasMagic(t)) {
                return true;
            }
        }
        return false;
    }

    private boolean hasMagic(MediaType type) {
        try {
            MimeType known = types.getRegisteredMimeType(type.toString());
            return known != null && known.hasMagic();
        } catch (MimeTypeException e) {
            return false;
        }
    }

    private MediaType known(String type) {
        MediaType parsed = MediaType.parse(MORE_NAMES.getOrDefault(type, type));
        return parsed == null ? MediaType.OCTET_STREAM : registry.normalize(parsed);
    }

    private static boolean isUnknown(MediaType type) {
        return type.equals(MediaType.OCTET_STREAM);
    }
}
