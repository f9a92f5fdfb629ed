package dev.hearth.gateway.fleet;

import dev.hearth.nodeapi.ClusterToken;
import java.util.List;

/**
 * Where the nodes are, and who asks.
 *
 * @param gateway this gateway's id, unlike those of others
 * @param nodes {@code HOST:PORT} of their gRPC; a name stands for all its addresses
 * @param token what the platform's processes know each other by
 */
public record FleetSettings(String gateway, List<String> nodes, ClusterToken token) {}
