// A service on Spring Boot with Spring Security.

import { execFile } from 'node:child_process';
import { after } from 'node:test';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { LIBRARIES, registered, write } from './lib/registered.js';
import { run, suite } from './lib/suite.js';

const APP = `
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@EnableAutoConfiguration
@Import(LetheSecurity.class)
@RestController
public class App {
    public static void main(String[] words) {
        SpringApplication.run(App.class, words);
    }

    @GetMapping("/")
    String front() {
        return "front page";
    }

    @GetMapping("/me")
    ResponseEntity<?> me(Authentication who, @AuthenticationPrincipal OidcUser user) {
        var claims = user.getUserInfo().getClaims();
        var known = Map.of("account", who.getName(), "sub", user.getSubject(), "claims", claims);
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(known);
    }
}
`;

/** Spring's own page asks before it signs out. */
async function logout(citizen, { url }) {
  const page = await citizen.open(new URL('logout', url));
  return citizen.submit(page, '_csrf');
}

const scope = { after };
/** A service whose tokens are signed with `signing`. */
async function spring(signing) {
  const service = await registered(scope, 'spring', ['--signing', signing]);
  await write(service.directory, { ...service.files, 'App.java': APP });
  const classes = `${service.directory}:${join(LIBRARIES, 'spring', '*')}`;
  const options = { cwd: service.directory };
  await promisify(execFile)('javac', ['-parameters', '-cp', classes, 'App.java', 'LetheSecurity.java'], options);
  const java = ['java', '-XX:-UsePerfData', '-XX:TieredStopAtLevel=1', '-cp', classes, 'App',
    `--server.port=${service.port}`, '--server.address=127.0.0.1'];
  service.running = await run(scope, service, java);
  return { ...service, login: 'oauth2/authorization/lethe' };
}

const [rs256, es256] = [await spring('RS256'), await spring('ES256')];
suite('Spring Security', rs256, { logout });
suite('Spring Security with ES256', es256);
