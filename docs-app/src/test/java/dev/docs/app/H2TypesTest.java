package dev.docs.app;

import java.util.Map;

class H2TypesTest extends TypesAcceptance {
    @Override
    Map<String, String> database() {
        return Map.of();
    }
}
