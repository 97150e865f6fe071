package dev.docs.app;

import java.nio.file.Path;
import java.util.Map;

class PostgreSqlBulkTest extends BulkAcceptance {
    @Override
    Map<String, String> database(Path data) {
        return OwnPostgreSql.flags(data);
    }
}
