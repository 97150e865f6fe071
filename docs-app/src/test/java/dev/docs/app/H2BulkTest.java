package dev.docs.app;

import java.util.Map;

class H2BulkTest extends BulkAcceptance {
    @Override
    Map<String, String> database() {
        return Map.of();
    }
}
