package dev.docs.conformance;

import dev.docs.domain.MediaTypeDetector;

import java.util.Map;

class SimpleMediaTypeDetectorTest extends MediaTypeDetectorContract {
    @Override
    protected MediaTypeDetector open() {
        return new SimpleMediaTypeDetector();
    }

    @Override
    protected Map<String, byte[]> samples() {
        return Map.of(
                "text/plain", bytes("some words"),
                "application/pdf", bytes("%PDF-1.7"),
                "application/zip", bytes("PK\u0003\u0004"),
                "image/svg+xml", bytes("<svg/>"));
    }
}
