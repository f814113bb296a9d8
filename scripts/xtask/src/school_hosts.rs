//! Whether the hosts of schools lead to the deployment that is to serve them.

use kernel::School;

use crate::Result;

/// Lambda takes 4,096 bytes of environment, of which the other variables need less than a thousand.
const MOST_BYTES: usize = 3000;

#[derive(clap::Args)]
pub(crate) struct SchoolHosts {
    /// SchoolHosts of the stage: host=school,host=school
    hosts: String,
    /// `DomainName` of the stage
    #[arg(long, default_value = "")]
    domain: String,
    /// `SchoolsDomain` of the stage: *.school.example
    #[arg(long, default_value = "")]
    schools_domain: String,
}

impl SchoolHosts {
    pub(crate) fn check(&self) -> Result<String> {
        if self.hosts.len() > MOST_BYTES {
            return Err(format!(
                "SchoolHosts has {} bytes; every function has it in its environment, which leaves room for {MOST_BYTES}: \
                give further schools a stage of their own",
                self.hosts.len()
            ));
        }
        for pair in self.hosts.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (host, school) =
                pair.split_once('=').ok_or(format!("SchoolHosts: {pair} is no host=school"))?;
            school.parse::<School>().map_err(|error| format!("SchoolHosts: {school}: {error}"))?;
            if !self.leads_here(host) {
                return Err(format!(
                    "SchoolHosts: {host} leads nowhere: it is neither DomainName ({}) nor a name right below \
                    SchoolsDomain ({})",
                    or_none(&self.domain),
                    or_none(&self.schools_domain)
                ));
            }
        }
        Ok(String::new())
    }

    /// A wildcard of API Gateway stands for one label.
    fn leads_here(&self, host: &str) -> bool {
        let below = self.schools_domain.strip_prefix('*').and_then(|parent| host.strip_suffix(parent));
        host == self.domain || below.is_some_and(|label| !label.is_empty() && !label.contains('.'))
    }
}

fn or_none(name: &str) -> &str {
    if name.is_empty() { "none" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hosts: &str, domain: &str, schools_domain: &str) -> Result<String> {
        let [hosts, domain, schools_domain] = [hosts, domain, schools_domain].map(str::to_owned);
        SchoolHosts { hosts, domain, schools_domain }.check()
    }

    #[test]
    fn hosts_that_lead_to_the_deployment_are_fine() {
        check("", "", "").unwrap();
        check("api.school.example=oak", "api.school.example", "").unwrap();
        check("oak.school.example=oak, elm.school.example=elm", "", "*.school.example").unwrap();
        check("oak.school.example=oak,api.example=elm", "api.example", "*.school.example").unwrap();
    }

    #[test]
    fn a_host_that_leads_nowhere_is_refused_by_its_name() {
        for host in
            ["oak.example", "a.oak.school.example", "school.example", ".school.example", "oakschool.example"]
        {
            let error = check(&format!("{host}=oak"), "api.school.example", "*.school.example").unwrap_err();
            assert!(error.contains(&format!("{host} leads nowhere")), "{error}");
        }
        assert!(check("oak.school.example=oak", "", "").unwrap_err().contains("(none)"));
    }

    #[test]
    fn more_hosts_than_a_function_has_room_for_are_refused() {
        let pairs: Vec<String> = (0..110).map(|n| format!("school-{n:03}.example=school-{n:03}")).collect();
        let hosts = pairs.join(",");
        assert_eq!(hosts.len(), 110 * 30 - 1);
        assert!(check(&hosts, "", "*.example").unwrap_err().contains("room for 3000"));
        check(&hosts[..hosts[..MOST_BYTES].rfind(',').unwrap()], "", "*.example").unwrap();
    }

    #[test]
    fn what_the_functions_would_not_read_is_refused() {
        for hosts in ["oak.school.example", "oak.school.example=", "oak.school.example=Not One"] {
            assert!(check(hosts, "", "*.school.example").is_err(), "{hosts}");
        }
    }
}
