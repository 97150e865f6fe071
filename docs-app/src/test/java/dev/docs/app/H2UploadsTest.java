package dev.docs.app;

import java.nio.file.Path;
import java.util.Map;

class H2UploadsTest extends UploadAcceptance {
    @Override
    Map<String, String> database(Path data) {
        return Map.of();
    }
}
