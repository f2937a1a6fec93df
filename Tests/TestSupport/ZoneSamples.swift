/// Zone files as people write them, all for the zone contoso.com.
package enum ZoneSamples {
  package static let head =
    "$TTL 3600\n@ IN SOA ns1 hostmaster 2024010101 3600 600 86400 300\n  NS ns.example.\n"

  package static let all: [(name: String, text: String)] = [
    (
      "Debian's",
      """
      ;
      ; BIND data file
      ;
      $TTL\t604800
      @\tIN\tSOA\tcontoso.com. root.contoso.com. (
      \t\t\t      2\t\t; Serial
      \t\t\t 604800\t\t; Refresh
      \t\t\t  86400\t\t; Retry
      \t\t\t2419200\t\t; Expire
      \t\t\t 604800 )\t; Negative Cache TTL
      ;
      @\tIN\tNS\tns.example.
      @\tIN\tA\t127.0.0.1
      @\tIN\tAAAA\t::1
      """
    ),
    ("one line, no final newline", head + "www A 192.0.2.1"),
    (
      "serial zero among comments",
      """
      $TTL 1h
      @ SOA ( ns1 ; primary ) 1
        hostmaster ; contact ( 2
        ; 3 nothing but a comment
        0 ; the serial
        1h30m 15M 1W 2d ) ; "
       NS ns.example.
      """
    ),
    (
      "TTL and class in every order",
      head + """
        a 60 IN A 192.0.2.1
        b IN 60 A 192.0.2.1
        c 1h30m A 192.0.2.1
        d IN A 192.0.2.1
        e A 192.0.2.1
        f in 1W aaaa ::1
        g CLASS1 0 TxT g
        """
    ),
    (
      "owners that look like other words",
      head + """
        5 A 192.0.2.1
        IN A 192.0.2.1
        A A 192.0.2.1
        IN IN A 192.0.2.2
        CH IN 5 TXT CH
        """
    ),
    (
      "inherited owners",
      head + """
        www\tA 192.0.2.1
        \tAAAA 2001:db8::1

         ; a comment between
            60 TXT "x"
        other A 192.0.2.2
        \tIN\t60\tMX 10 mail
        """
    ),
    (
      "origins",
      head + """
        $ORIGIN sub
        a A 192.0.2.1
        $origin deeper ; relative to sub
        a A 192.0.2.1
        @ TXT "apex"
        $ORIGIN contoso.com.
        a.b A 192.0.2.1
        $ORIGIN .
        abs.contoso.com A 192.0.2.1
        """
    ),
    (
      "parentheses",
      head + """
        (a A
          192.0.2.1)
        ( b ) A ( 192.0.2.1
        )
        c ( TXT ( one
         two ) three
        )
         ( ) TXT more
        (
         d A 192.0.2.1 )
        e TXT one(two
        three)four
        """
    ),
    (
      "strings",
      head + #"""
        a TXT "v=spf1 ; not a comment" "(" ")"
        b TXT a;comment
        c TXT a\;no-comment "q\"q;" \"
        d TXT one"two;"three
        e TXT "escaped\
        line"
        f HTTPS 1 . alpn="h2;h3" port=53;comment
        g TXT \032x\ y
        """#
    ),
    (
      "escaped owners",
      head + #"""
        a\.b A 192.0.2.1
        a\032b A 192.0.2.1
        a\ c A 192.0.2.1
        \$ORIGIN A 192.0.2.1
        \@ A 192.0.2.1
        a\;b A 192.0.2.1
        a\"b A 192.0.2.1
        "quoted owner" A 192.0.2.1
        *.wild A 192.0.2.1
        0/26 NS ns.example.
        UPPER A 192.0.2.1
        """#
    ),
    ("bytes above 127", head + "\u{e4} A 192.0.2.1\nx TXT \u{fc}\n"),
    (
      "RFC 3597",
      head + ##"""
        a TYPE1 \# 4 c0000201
        b TYPE65534 \# 4 ( c000
          0202 )
        c CLASS1 TYPE28 ::1
        d A \# 4 c0000203
        """##
    ),
    ("lone carriage returns", head.replacing("\n", with: "\r") + "a A 192.0.2.1\r A 192.0.2.2\r"),
    ("a comment that ends at LF only", head + "a A 192.0.2.1 ; one\rb A 192.0.2.2\nc TXT x\n"),
    (
      "TTL of the record before (RFC 1035)",
      "@ 77 SOA ns1 h 1 2 3 4 5\n NS ns.example.\na 60 A 192.0.2.1\n"
    ),
    ("quoted directive", head + "\"$ORIGIN\" sub\na A 192.0.2.1\n"),
    ("a date", "$DATE 20200101000000\n" + head + "a A 192.0.2.1\n"),
    (
      "DNSSEC and services",
      head + """
        _sip._tcp SRV 0 5 5060 sip
        @ CAA 0 issue "ca.example;x=y"
        sub DNAME mesos.contoso.net.
        k DS 12345 13 2 ( 0123456789abcdef0123456789abcdef
           0123456789abcdef0123456789abcdef ) ; digest
        n NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@contoso.com!" .
        l LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
        """
    ),
    ("blank lines and blanks only", head + "\n \n\t\n   ; x\n\u{c}a A 192.0.2.1\n\n\n"),
  ]
}
