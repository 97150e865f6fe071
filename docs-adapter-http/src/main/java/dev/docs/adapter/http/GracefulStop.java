package dev.docs.adapter.http;

import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets requests under way finish when the server stops, and closes the connections that wait for another one. Jetty would
 * wait for these too until they are idle for long enough, which costs every restart seconds.
 */
final class GracefulStop extends GracefulHandler {
    private static final int MAX_PAUSE_MILLIS = 3000;

    private final Set<EndPoint> busy = ConcurrentHashMap.newKeySet();

    GracefulStop(Handler handler) {
        super(handler);
        // how long a slow client may pause now
        setShutdownIdleTimeout(MAX_PAUSE_MILLIS);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        EndPoint client = request.getConnectionMetaData().getConnection().getEndPoint();
        busy.add(client);
        Request.addCompletionListener(request, failure -> busy.remove(client));
        return super.handle(request, response, callback);
    }

    @Override
    public CompletableFuture<Void> shutdown() {
        CompletableFuture<Void> answered = super.shutdown();
        for (Connector connector : getServer().getConnectors()) {
            for (EndPoint client : connector.getConnectedEndPoints()) {
                if (!busy.contains(client)) {
                    client.close();
                }
            }
        }
        return answered;
    }
}
