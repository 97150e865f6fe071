package dev.docs.app;

import java.nio.file.Path;
import java.util.Map;

class H2BulkTest extends BulkAcceptance {
    @Override
    Map<String, String> database(Path data) {
        return Map.of();
    }
}
