package dev.hearth.gateway.route;

/**
 * Another gateway of the platform.
 *
 * @param id unlike those of others
 * @param host where it takes requests
 */
public record Peer(String id, String host, int port) {}
