import SystemPackage
import Testing

@testable import zonebridge

/// A configuration with one mistake, as somebody may make it, and all that is said of it.
struct MistakenText: CustomTestStringConvertible, Sendable {
  /// The mistake, in words.
  var testDescription: String
  var yaml: String
  /// The whole message from the line's number on: line, key, what is wrong, what to write.
  var message: String

  init(_ mistake: String, _ yaml: String, _ message: String) {
    testDescription = mistake
    self.yaml = yaml
    self.message = message
  }
}

/// What operators get wrong, each with the message that has to lead them out of it.
@Suite("Mistaken configurations", .timeLimit(.minutes(1)))
struct MistakenConfigurationTests {
  @Test("a mistake → one message, with its line, its key and the cure", arguments: MistakenText.all)
  func message(mistake: MistakenText) throws {
    guard case .wrong(let errors) = Configuration.read(mistake.yaml, file: "/etc/z.yaml") else {
      Issue.record("it was taken for right")
      return
    }
    #expect(errors.map(\.description) == ["/etc/z.yaml:\(mistake.message)"])
    let error = try #require(errors.first)
    // The cure is a sentence, and neither part ends in a full stop that another one would follow.
    let remedy = try #require(error.remedy)
    #expect(remedy.first?.isUppercase == true)
    #expect(!error.problem.hasSuffix("."))
  }
}

extension MistakenText {
  fileprivate static let all: [MistakenText] =
    [
      MistakenText(
        "an empty file",
        "",
        """
        1: the file is empty. Begin with zonebridge.yaml.example, or let zonebridge init write a first \
        one
        """),
      MistakenText(
        "a tab",
        """
        clusters: []
        bind:
        \treload: none

        """,
        """
        3: a tab, where YAML allows only spaces. Replace it with spaces
        """),
      MistakenText(
        "a bracket that nothing closes",
        """
        clusters: [
        bind: {}

        """,
        """
        3: not YAML: a comma or ] is missing here; the bracket opens on line 1. Close the bracket, or put a \
        comma between its values
        """),
      MistakenText(
        "a bracket that nothing closes in the middle",
        """
        clusters:
          - name: prod
            masters: [http://10.0.6.68 # first]
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        4: not YAML: a comma or ] is missing here; the bracket opens on line 3. Close the \
        bracket, or put a comma between its values
        """),
      MistakenText(
        "a dash without a space",
        """
        clusters:
          -name: prod
            masters: [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        2: not YAML: a dash needs a space after it. Write - name: prod
        """),
      MistakenText(
        "a colon without a space",
        """
        clusters:
          - name:prod
            masters: [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        2: not YAML: the colon after name needs a space after it. Write name: prod
        """),
      MistakenText(
        "a quote that nothing closes",
        """
        clusters:
          - name: "prod
            masters: [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        2: not YAML: nothing closes the quote that opens here. Close it
        """),
      MistakenText(
        "a quote within a quoted value",
        """
        clusters:
          - name: 'pro'd'
            masters: [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        2: not YAML: this line does not fit those above it. Give it the indentation of its \
        section, and check the quotes here and above
        """),
      MistakenText(
        "a key that is not as deep as its neighbours",
        """
        clusters:
          - name: prod
            masters: [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
           cluster: prod

        """,
        """
        6: not YAML: this line does not fit those above it. Give it the indentation of its \
        section, and check the quotes here and above
        """),
      MistakenText(
        "a key that is deeper than its neighbours",
        """
        clusters:
          - name: prod
              masters: [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        3: not YAML: a key cannot be here. Give this line, and the one above, the indentation of \
        their section, or put a value with a colon in quotes
        """),
      MistakenText(
        "a list that is not as deep as its key",
        """
        clusters:
          - name: prod
            masters: 
        - [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        4: not YAML: this line does not fit those above it. Give it the indentation of its \
        section, and check the quotes here and above
        """),
      MistakenText(
        "an alias that YAML takes for its own",
        """
        clusters:
          - name: prod
            masters: [http://10.0.6.68]
        aliases:
          - name: *.contoso.com
            cluster: prod

        """,
        """
        5: not YAML: a value cannot begin with *. Put the value in quotes
        """),
      MistakenText(
        "a value that begins with @",
        """
        clusters:
          - name: prod
            masters: [http://10.0.6.68]
        aliases:
          - name: @
            cluster: prod

        """,
        """
        5: not YAML: a value cannot begin with @. Put the value in quotes
        """),
      MistakenText(
        "a value that begins with a percent sign",
        """
        clusters:
          - name: %prod
            masters: [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        2: not YAML: a value cannot begin with %. Put the value in quotes
        """),
      MistakenText(
        "a merge conflict",
        """
        <<<<<<< HEAD
        clusters:
          - name: prod
            masters: [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
            cluster: prod
        =======
        clusters:
          - name: prod
            masters: [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
            cluster: prod
        >>>>>>> other

        """,
        """
        1: not YAML: an unresolved merge conflict. Resolve it, and remove the lines that begin \
        with <<<<<<<, ======= and >>>>>>>
        """),
      MistakenText(
        "a template of Jinja",
        """
        clusters:
          - name: {{ cluster }}
            masters: [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        2: not YAML: has a template's {{, which nothing has filled in. Fill in the template, or \
        put the value in quotes
        """),
      MistakenText(
        "a variable of a shell",
        """
        clusters:
          - name: prod
            masters: [http://${MASTER}]
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        3: not YAML: has a template's ${, which nothing has filled in. Fill in the template, or \
        put the value in quotes
        """),
      MistakenText(
        "no-break spaces",
        """
        clusters:
          - name: prod
        \u{a0}\u{a0}\u{a0}\u{a0}masters: [http://10.0.6.68]
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        3: not YAML: has the blank U+00A0 in its indentation, where YAML allows only spaces. \
        Replace it with spaces
        """),
      MistakenText(
        "masters with commas and without brackets",
        """
        clusters:
          - name: prod
            masters: http://10.0.6.68, http://10.0.6.69
        aliases:
          - name: cluster.contoso.com
            cluster: prod

        """,
        """
        3: clusters[0].masters: is a single value, not a list. Put them in brackets: masters: \
        [http://10.0.6.68, http://10.0.6.69]
        """),
      MistakenText(
        "a section in the singular",
        """
        clusters: []
        cluster: []

        """,
        """
        2: cluster: unknown key. Did you mean clusters?
        """),
      MistakenText(
        "a key twice",
        """
        interval: 30s
        clusters: []
        interval: 5m

        """,
        """
        1: interval: the key is here twice: on this line and on line 3. Keep only one of the two
        """),
      MistakenText(
        "a second document",
        """
        clusters: []
        ---
        clusters: []

        """,
        """
        2: not YAML: another document begins here, and only one is read. Remove this --- or the rest
        """),
      MistakenText(
        "an anchor",
        """
        clusters: &all []

        """,
        """
        1: clusters: the YAML anchor &all is not supported. Remove it, and write the value out where \
        *all stands
        """),
      MistakenText(
        "a merge key",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            <<: { dns-port: 53 }

        """,
        """
        4: clusters[0]: YAML's merge key << is not supported. Write out the keys that it stands for
        """),
      MistakenText(
        "a tag",
        """
        interval: !!str 30s
        clusters: []

        """,
        """
        1: interval: the YAML tag !!str is not supported. Remove it
        """),
      MistakenText(
        "a list in place of the whole",
        """
        - name: prod

        """,
        """
        1: the file is a list, not keys with values. Begin it with clusters:
        """),
      MistakenText(
        "no clusters at all",
        """
        interval: 30s

        """,
        """
        1: clusters: the key is missing, which leaves nothing to do. Add the clusters, or clusters: [] \
        to have everything removed from BIND's files
        """),
      MistakenText(
        "clusters without a value",
        """
        clusters:

        """,
        """
        1: clusters: has no value. List the clusters, each after a dash, as in - name: prod
        """),
      MistakenText(
        "one cluster that is no list",
        """
        clusters:
          name: prod
          masters: [https://10.0.6.68]

        """,
        """
        1: clusters: is a section of keys, not a list. List the clusters, each after a dash, as in - \
        name: prod
        """),
      MistakenText(
        "an unknown key, with a slip",
        """
        intervall: 30s
        clusters: []

        """,
        """
        1: intervall: unknown key. Did you mean interval?
        """),
      MistakenText(
        "an unknown key, with an underscore",
        """
        state_directory: /x
        clusters: []

        """,
        """
        1: state_directory: unknown key. Did you mean state-directory?
        """),
      MistakenText(
        "an unknown key that is near none",
        """
        frobnicate: 1
        clusters: []

        """,
        """
        1: frobnicate: unknown key. The keys here are interval, state-directory, bind, clusters, \
        aliases, zones, metrics, hooks
        """),
      MistakenText(
        "a key by its beginning",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            ca-cert: /x

        """,
        """
        4: clusters[0].ca-cert: unknown key. Did you mean ca-certificate?
        """),
      MistakenText(
        "a key by its meaning",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            fingerprint: ab

        """,
        """
        4: clusters[0].fingerprint: unknown key. Did you mean certificate-sha256?
        """),
      MistakenText(
        "a duration without a unit",
        """
        interval: 30
        clusters: []

        """,
        """
        1: interval: '30' has no unit. Write 30s, 30m or 30h
        """),
      MistakenText(
        "a duration in days",
        """
        interval: 1d
        clusters: []

        """,
        """
        1: interval: '1d' is not a time. Write a number with its unit (ms, s, m, h), as in 30s or 5m
        """),
      MistakenText(
        "a duration that is too short",
        """
        interval: 500ms
        clusters: []

        """,
        """
        1: interval: 500ms is too short: each pass asks all masters. Write at least 1s
        """),
      MistakenText(
        "a list for a path",
        """
        state-directory: [/x]
        clusters: []

        """,
        """
        1: state-directory: is a list, not a single value. Write a path
        """),
      MistakenText(
        "named-conf without a value",
        """
        bind:
          named-conf:
        clusters: []

        """,
        """
        2: bind.named-conf: has no value. Write a path, or remove the key
        """),
      MistakenText(
        "a view twice",
        """
        bind:
          views: [internal, internal]
        clusters: []

        """,
        """
        2: bind.views[1]: view internal is in the list twice. Remove it here
        """),
      MistakenText(
        "a single view that is no list",
        """
        bind:
          views: internal
        clusters: []

        """,
        """
        2: bind.views: is a single value, not a list. Put it in brackets: views: [internal]
        """),
      MistakenText(
        "a name where named answers",
        """
        bind:
          query: localhost:53
        clusters: []

        """,
        """
        2: bind.query: "localhost:53" is not an IP address with a port, such as 127.0.0.1:53 or \
        [::1]:53. Write the address on which named answers
        """),
      MistakenText(
        "IPv6 with half its brackets",
        """
        bind:
          query: "[::1:53"
        clusters: []

        """,
        """
        2: bind.query: "[::1:53" is not an IP address with a port, such as 127.0.0.1:53 or [::1]:53. \
        Write the address on which named answers
        """),
      MistakenText(
        "port 0",
        """
        bind:
          query: 127.0.0.1:0
        clusters: []

        """,
        """
        2: bind.query: nothing answers on port 0. Write 53
        """),
      MistakenText(
        "another way to reload",
        """
        bind:
          reload: systemctl
        clusters: []

        """,
        """
        2: bind.reload: 'systemctl' is not a way to reload. Write one of: rndc, none
        """),
      MistakenText(
        "a port out of range",
        """
        bind:
          rndc: { port: 65536 }
        clusters: []

        """,
        """
        2: bind.rndc.port: 65536 is not a whole number from 1 to 65535. Write such a number, without \
        quotes and unit
        """),
      MistakenText(
        "a port in quotes",
        """
        bind:
          rndc: { port: "953" }
        clusters: []

        """,
        """
        2: bind.rndc.port: "953" is not a whole number from 1 to 65535. Write such a number, without \
        quotes and unit
        """),
      MistakenText(
        "an option for a host",
        """
        bind:
          rndc: { server: -s }
        clusters: []

        """,
        """
        2: bind.rndc.server: '-s' is not a host. Write its name or address
        """),
      MistakenText(
        "yes for true",
        """
        bind:
          dnssec-exempt: yes
        clusters: []

        """,
        """
        2: bind.dnssec-exempt: 'yes' is neither true nor false. Write true or false, without quotes
        """),
      MistakenText(
        "true in quotes",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            follow-id: "true"

        """,
        """
        4: clusters[0].follow-id: 'true' is neither true nor false. Write true or false, without quotes
        """),
      MistakenText(
        "a cluster without a name",
        """
        clusters:
          - masters: [https://10.0.6.68]

        """,
        """
        2: clusters[0]: the key name is missing. Add name: a name for the cluster, as in prod
        """),
      MistakenText(
        "a cluster's name with a blank",
        """
        clusters:
          - name: my cluster
            masters: [https://10.0.6.68]

        """,
        """
        2: clusters[0].name: 'my cluster' cannot name a cluster. Write letters, digits and . _ - with a \
        letter or digit first
        """),
      MistakenText(
        "two clusters of one name",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
          - name: prod
            masters: [https://10.0.6.69]

        """,
        """
        4: clusters[1].name: another cluster is named prod already. Choose another name here
        """),
      MistakenText(
        "a cluster without masters",
        """
        clusters:
          - name: prod

        """,
        """
        2: clusters[0]: the cluster has neither masters nor static. Add masters: [https://10.0.6.68] to \
        have its masters asked, or static: with cluster-id and masters
        """),
      MistakenText(
        "masters that are no list",
        """
        clusters:
          - name: prod
            masters: https://10.0.6.68

        """,
        """
        3: clusters[0].masters: is a single value, not a list. Put it in brackets: masters: \
        [https://10.0.6.68]
        """),
      MistakenText(
        "an empty list of masters",
        """
        clusters:
          - name: prod
            masters: []

        """,
        """
        3: clusters[0].masters: the list is empty. List the masters, as in https://10.0.6.68, or remove \
        the key
        """),
      MistakenText(
        "a master without a scheme",
        """
        clusters:
          - name: prod
            masters: [10.0.6.68]

        """,
        """
        3: clusters[0].masters[0]: "10.0.6.68": it has no scheme, http:// or https://. Write \
        https://10.0.6.68, or http://10.0.6.68 for DC/OS Open without TLS
        """),
      MistakenText(
        "a master with a path",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68/service]

        """,
        """
        3: clusters[0].masters[0]: "https://10.0.6.68/service": only scheme, host and port belong here, \
        no path, query or fragment. Write https://, the master's address and, if need be, its port
        """),
      MistakenText(
        "a master with a password",
        """
        clusters:
          - name: prod
            masters: [https://me:secret@10.0.6.68]

        """,
        """
        3: clusters[0].masters[0]: a URL with a user or password: credentials have keys of their own. \
        Write https://, the master's address and, if need be, its port
        """),
      MistakenText(
        "a master with IPv6 without brackets",
        """
        clusters:
          - name: prod
            masters: ["https://2001:db8::68"]

        """,
        """
        3: clusters[0].masters[0]: "https://2001:db8::68": its IPv6 address is not in brackets. Put the \
        address in brackets, as in https://[2001:db8::68]
        """),
      MistakenText(
        "a master with another scheme",
        """
        clusters:
          - name: prod
            masters: [ldap://10.0.6.68]

        """,
        """
        3: clusters[0].masters[0]: "ldap://10.0.6.68": a master is asked over http:// or https://. Write \
        a master's URL, as in https://10.0.6.68
        """),
      MistakenText(
        "a master's port out of range",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68:70000]

        """,
        """
        3: clusters[0].masters[0]: "https://10.0.6.68:70000": its port is not a number from 1 to 65535. \
        Write the port after the address, as in https://10.0.6.68:8443
        """),
      MistakenText(
        "a master twice",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68, https://10.0.6.68]

        """,
        """
        3: clusters[0].masters[1]: https://10.0.6.68 is in the list twice. Remove it here
        """),
      MistakenText(
        "masters and static",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            static: { cluster-id: yor6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3jo, masters: [10.0.6.68] }

        """,
        """
        4: clusters[0].static: masters and static cannot be used together. Remove one of the two
        """),
      MistakenText(
        "a certificate beside static",
        """
        clusters:
          - name: lab
            static: { cluster-id: yor6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3jo, masters: [10.0.6.68] }
            ca-certificate: /x

        """,
        """
        4: clusters[0].ca-certificate: has no effect together with static, which asks no master. Remove \
        it
        """),
      MistakenText(
        "a URL among static masters",
        """
        clusters:
          - name: lab
            static: { cluster-id: yor6tqhiag39y6cjkdd4w9uzo45qhku6ra8hl7hpr6d9ukjaz3jo, masters: [https://10.0.6.68] }

        """,
        """
        3: clusters[0].static.masters[0]: "https://10.0.6.68" is not an IPv4 or IPv6 address. Write an \
        IP address alone, as in 10.0.6.68
        """),
      MistakenText(
        "an ID of other letters",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            cluster-id: 1abc

        """,
        """
        4: clusters[0].cluster-id: a cluster ID has 52 characters, this has 4. Copy the ID as the cluster's masters \
        report it
        """),
      MistakenText(
        "a fingerprint that is short",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            certificate-sha256: "AB:CD"

        """,
        """
        4: clusters[0].certificate-sha256: 'AB:CD' is not a fingerprint. Write the certificate's SHA-256 \
        as 64 hexadecimal digits in quotes, as openssl x509 -noout -fingerprint -sha256 prints it
        """),
      MistakenText(
        "a certificate and a fingerprint",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            ca-certificate: /x
            certificate-sha256: "AB:CD"

        """,
        """
        5: clusters[0].certificate-sha256: ca-certificate and certificate-sha256 cannot be used \
        together. Remove one of the two
        """),
      MistakenText(
        "a certificate beside insecure",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            insecure: true
            ca-certificate: /x

        """,
        """
        5: clusters[0].ca-certificate: has no effect together with insecure: true, which verifies \
        nothing. Remove one of the two
        """),
      MistakenText(
        "two accounts",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            token-file: /t
            service-account: /s

        """,
        """
        5: clusters[0].service-account: token-file and service-account cannot be used together: a \
        cluster has one account. Remove one of the two
        """),
      MistakenText(
        "an account without its password",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            uid: me

        """,
        """
        4: clusters[0].uid: needs the key password-file beside it. Add password-file: the path of a file \
        with the password; a service account's key goes into service-account: { uid, key-file }
        """),
      MistakenText(
        "credentials over plain HTTP",
        """
        clusters:
          - name: prod
            masters: [http://10.0.6.68]
            token-file: /t

        """,
        """
        3: clusters[0].masters[0]: http://10.0.6.68 would be sent the credentials of token-file in clear \
        text. Write https://, or insecure: true to accept that
        """),
      MistakenText(
        "a name for a forwarder",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            forwarders: [ns1.contoso.com]

        """,
        """
        4: clusters[0].forwarders[0]: "ns1.contoso.com" is not an IPv4 or IPv6 address. Write an IP \
        address alone, as in 10.0.6.68
        """),
      MistakenText(
        "an absolute name as probe",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
            probe: leader.mesos.

        """,
        """
        4: clusters[0].probe: 'leader.mesos.' ends in a dot, and has to be relative to the cluster's \
        names. Write a name in the cluster, as in web.marathon
        """),
      MistakenText(
        "an alias without a cluster",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: contoso.com

        """,
        """
        5: aliases[0]: the key cluster is missing. Add cluster: the name of one of the clusters
        """),
      MistakenText(
        "an alias of an unknown cluster",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: contoso.com
            cluster: prodd

        """,
        """
        6: aliases[0].cluster: there is no cluster 'prodd'. Did you mean prod?
        """),
      MistakenText(
        "a URL as an alias",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: https://cluster.contoso.com/
            cluster: prod

        """,
        """
        5: aliases[0].name: 'https://cluster.contoso.com/' is a URL, and a name is expected. Write \
        cluster.contoso.com
        """),
      MistakenText(
        "an address as an alias",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: 10.0.6.68
            cluster: prod

        """,
        """
        5: aliases[0].name: '10.0.6.68' is an IP address, and a name is expected. Write the name that \
        leads into the cluster, as in contoso.com
        """),
      MistakenText(
        "a wildcard as an alias",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: "*.contoso.com"
            cluster: prod

        """,
        """
        5: aliases[0].name: an alias cannot be a wildcard: a DNAME covers every name below its own \
        anyway (RFC 6672 section 3.3). Write the name without *.
        """),
      MistakenText(
        "an alias below another one",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: contoso.com
            cluster: prod
          - name: a.contoso.com
            cluster: prod

        """,
        """
        7: aliases[1].name: a.contoso.com is below the alias contoso.com (line 5): a DNAME hides every \
        name below its own. Keep only one of the two
        """),
      MistakenText(
        "an alias twice, in other letters",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: contoso.com
            cluster: prod
          - name: Contoso.COM.
            cluster: prod

        """,
        """
        7: aliases[1].name: the alias Contoso.COM is listed already, on line 5. Keep only one of the two
        """),
      MistakenText(
        "a TTL with a unit",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: contoso.com
            cluster: prod
            ttl: 1h

        """,
        """
        7: aliases[0].ttl: 1h is not a whole number from 0 to 2147483647. Write such a number, without \
        quotes and unit
        """),
      MistakenText(
        "an unknown safeguard",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: contoso.com
            cluster: prod
            allow: [all]

        """,
        """
        7: aliases[0].allow[0]: 'all' is not a safeguard. Write one of: hides-names, shared-file
        """),
      MistakenText(
        "a mailbox with its @",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: contoso.com
            cluster: prod
        zones:
          contoso.com:
            create: { file: db, primary: ns1.contoso.net, contact: hostmaster@contoso.com }

        """,
        """
        9: zones.contoso.com.create.contact: a mailbox in a zone file has a dot in place of its @ (RFC \
        1035 section 3.3.13). Write hostmaster.contoso.com
        """),
      MistakenText(
        "a name server in the zone itself",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: contoso.com
            cluster: prod
        zones:
          contoso.com:
            create: { file: db, primary: ns1.contoso.com, contact: hostmaster.contoso.com }

        """,
        """
        9: zones.contoso.com.create.primary: ns1.contoso.com. is in the zone contoso.com itself: it \
        would need an address record there, which named refuses below a DNAME. Name a server outside the \
        zone
        """),
      MistakenText(
        "an unknown policy of serials",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: contoso.com
            cluster: prod
        zones:
          contoso.com:
            serial: daily

        """,
        """
        9: zones.contoso.com.serial: 'daily' is not a serial policy. Write one of: increment, date, \
        unixtime
        """),
      MistakenText(
        "a URL as a zone",
        """
        clusters:
          - name: prod
            masters: [https://10.0.6.68]
        aliases:
          - name: contoso.com
            cluster: prod
        zones:
          https://contoso.com: {}

        """,
        """
        8: zones.https://contoso.com: 'https://contoso.com' is a URL, and a name is expected. Write \
        contoso.com
        """),
      MistakenText(
        "a port alone to listen on",
        """
        metrics:
          listen: 9953
        clusters: []

        """,
        """
        2: metrics.listen: "9953" is not an IP address with a port, such as 127.0.0.1:53 or [::1]:53. \
        Write the address and port to listen on, as in 127.0.0.1:9953
        """),
      MistakenText(
        "a textfile that nobody reads",
        """
        metrics:
          textfile: /var/lib/zonebridge.txt
        clusters: []

        """,
        """
        2: metrics.textfile: node_exporter reads files that end in .prom only. Write a name like \
        /var/lib/zonebridge.txt.prom
        """),
      MistakenText(
        "a hook as one text",
        """
        hooks:
          change: commit-etc-bind --now
        clusters: []

        """,
        """
        2: hooks.change: is a single value, not a list. List the program's path and its arguments, as in \
        [/usr/local/sbin/page, --urgent]
        """),
      MistakenText(
        "a hook that is searched for",
        """
        hooks:
          problem: [page]
        clusters: []

        """,
        """
        2: hooks.problem[0]: 'page' is not a whole path, and no folder is searched for it. List the \
        program's path and its arguments, as in [/usr/local/sbin/page, --urgent]
        """),
    ]
}
