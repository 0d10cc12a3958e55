import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError, api, type Schemas, taken } from "@/api/client";
import { installationQuery } from "@/api/queries";
import { begin } from "@/api/session";
import { Button, Field, Wordmark } from "@/components/ui";

type Registering = Schemas["Registering"];

function headOf(
  making: boolean,
  registering: Registering | undefined,
  organisation: string | null | undefined,
): string {
  if (registering === "first") return "Set up Sideline";
  const at = organisation ? ` to ${organisation}` : "";
  return making ? "Create an account" : `Log in${at}`;
}

function introOf(making: boolean, registering: Registering | undefined, invited: boolean): string {
  if (registering === "first") return "Nobody has an account here yet. Yours is the first, and its admin’s.";
  if (making && invited) return "You are invited. Choose a user name and a password; they are yours alone.";
  if (making) return "Accounts here are open to mail addresses of your organisation.";
  return "Every score opens at the words that were said.";
}

/** Coming in: with an account, or making one where the installation is new or somebody was invited. */
export function LoginPage() {
  const { to, invitation } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const installation = useQuery(installationQuery);
  const registering = installation.data?.registering;
  const [chosen, setMaking] = useState<boolean>();
  // Where there is no account yet, there is nothing to log in with.
  const making = chosen ?? (invitation !== undefined || registering === "first");
  // Made, but not yet logged in: to try again is to log in.
  const [made, setMade] = useState(false);
  const [who, setWho] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");

  const come = useMutation({
    mutationFn: async () => {
      if (making && !made) {
        await taken(
          api.POST("/api/v1/auth/register", {
            body: { username: who, email, password, ...(invitation && { invitation }) },
          }),
        );
        setMade(true);
      }
      const name = who.includes("@") ? { email: who } : { username: who };
      return taken(api.POST("/api/v1/auth/login", { body: { ...name, password } }));
    },
    onSuccess: (tokens) => {
      begin(tokens);
      void navigate({ href: to ?? "/", replace: true });
    },
  });

  useEffect(() => {
    document.title = `${headOf(making, registering, undefined)} · Sideline`;
  }, [making, registering]);

  const error = come.error instanceof ApiError ? come.error : undefined;
  const fields = ["username", "email", "password"].map((name) => error?.field(name));
  const uninvited = error?.field("invitation");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    come.mutate();
  };
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <Wordmark className="mb-8 text-2xl" />
        <h1 className="mb-1 text-lg font-semibold">{headOf(making, registering, installation.data?.organisation)}</h1>
        <p className="mb-5 text-soft">{introOf(making, registering, invitation !== undefined)}</p>
        <form onSubmit={submit} className="grid gap-4" noValidate>
          <Field
            label={making ? "User name" : "User name or mail address"}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            value={who}
            onChange={(event) => setWho(event.target.value)}
            error={fields[0]}
            required
          />
          {making && (
            <Field
              label="Mail address"
              name="email"
              type="email"
              autoComplete="email"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
              error={fields[1]}
              hint={invitation ? "The one that the invitation was made for." : undefined}
              required
            />
          )}
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete={making ? "new-password" : "current-password"}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            error={fields[2]}
            hint={making ? "10 characters or more; a few words in a row are fine." : undefined}
            required
          />
          {come.error && !fields.some(Boolean) && (
            <p role="alert" className="rounded-md bg-poor-soft px-3 py-2">
              {uninvited
                ? `The invitation is not good: ${uninvited}. Ask an admin for another one.`
                : come.error.message}
            </p>
          )}
          <Button type="submit" kind="primary" className="h-10" busy={come.isPending}>
            {making ? "Create the account" : "Log in"}
          </Button>
        </form>
        {(registering === "domain" || (invitation !== undefined && registering !== "first")) && (
          <Button
            kind="plain"
            className="mt-3 -ml-3"
            onClick={() => {
              come.reset();
              setMade(false);
              setMaking(!making);
            }}
          >
            {making ? "I have an account" : "Create an account"}
          </Button>
        )}
      </div>
    </main>
  );
}
