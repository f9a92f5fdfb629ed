const http = require("http");

const server = http.createServer((request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("Hello World!");
});

server.listen(process.env.PORT || 8080, "0.0.0.0");

// as process 1 of its namespace node gets no default action for SIGTERM
process.on("SIGTERM", () => server.close(() => process.exit(0)));
