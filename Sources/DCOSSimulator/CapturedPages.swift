/// HTML pages that come in place of JSON.
enum CapturedPages {
  /// DC/OS Open's login page, which Admin Router sends with status 401.
  static let login = """
    <!DOCTYPE html>

    <html>
    <head>
      <title>Unauthorized</title>
      <noscript><meta http-equiv="refresh" content="5; url=/#/login"></noscript>
      <script>
        (function () {
          var location = window.location;
          location.href = "/#/login?redirect=" + encodeURIComponent(location.href);
        }())
      </script>
    </head>
    <body>
      <h1>Unauthorized</h1>
    </body>
    </html>


    """

  /// nginx's own page for a status code.
  static func nginx(_ status: String) -> String {
    [
      "<html>",
      "<head><title>\(status)</title></head>",
      "<body>",
      "<center><h1>\(status)</h1></center>",
      "<hr><center>nginx</center>",
      "</body>",
      "</html>",
      "",
    ].joined(separator: "\r\n")
  }

  /// The page of a web server that is not an Admin Router.
  static let welcome = """
    <!DOCTYPE html>
    <html>
    <head><title>Welcome to nginx!</title></head>
    <body><h1>Welcome to nginx!</h1></body>
    </html>

    """
}
